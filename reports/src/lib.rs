//! One file a format: a finished run in, bytes out.
