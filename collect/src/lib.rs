//! Reads the evidence from live AWS, and nothing but reads.
