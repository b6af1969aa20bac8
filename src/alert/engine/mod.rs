//! The threads of the engine, and the handle to it.
