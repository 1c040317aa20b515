//! Who can do what in a snapshot.
