//! The unwinder's functions as the standard library calls them, without an unwinder: for programs that
//! end at a panic and are shipped without symbols.
//!
//! The standard library can print a backtrace at a panic, so what reads debug information is in every
//! program: parsers of ELF and DWARF, a decompressor, a demangler. A stripped program has nothing for
//! them to read. As the optimiser sees here that a walk over the stack calls nobody back, all of them
//! go, 150 KB. The unwinder itself goes too, as nothing asks the linker for it.
//!
//! Used by `scripts/build-musl` only, by way of the feature `no-unwinder`.

use std::{
    ffi::{c_int, c_void},
    process,
};

/// What is called for each frame.
pub type EachFrame = extern "C" fn(context: *mut c_void, argument: *mut c_void) -> c_int;

/// Walks over no frame, and reports success.
#[expect(unsafe_code, reason = "the linker has to find it by this name")]
#[unsafe(no_mangle)]
pub extern "C" fn _Unwind_Backtrace(_: EachFrame, _: *mut c_void) -> c_int {
    0
}

/// Ends the program: with `panic = "abort"`, nothing unwinds.
macro_rules! abort_in {
    ($($name:ident)*) => {
        $(
            #[doc = "Ends the program."]
            #[expect(unsafe_code, reason = "the linker has to find it by this name")]
            #[unsafe(no_mangle)]
            pub extern "C" fn $name() -> ! {
                process::abort()
            }
        )*
    };
}

abort_in! {
    _Unwind_GetDataRelBase
    _Unwind_GetIP
    _Unwind_GetIPInfo
    _Unwind_GetLanguageSpecificData
    _Unwind_GetRegionStart
    _Unwind_GetTextRelBase
    _Unwind_Resume
    _Unwind_SetGR
    _Unwind_SetIP
}

#[cfg(test)]
mod tests {
    use std::backtrace::{Backtrace, BacktraceStatus};

    #[test]
    fn a_backtrace_has_no_frames() {
        let status = Backtrace::force_capture().status();
        assert_eq!(status, BacktraceStatus::Unsupported);
    }
}
