//! `termios`: control of terminals.

use crate::call::{Pointer, errno, once};
use crate::exception::ExceptionClass;
use crate::posix::path::Fildes;
use crate::posix::results::int;
use macros::pymodule;
use runtime::err;
use runtime::errors::PyResult;
use runtime::object::{Object, Owned};
use runtime::protocol::{number, sequence};
use runtime::types::{Bytes, Int, List, Module};
use std::ffi::c_int;

static ERROR: ExceptionClass = ExceptionClass::new("termios", "error", runtime::exceptions::Exception);

fn checked(status: c_int) -> PyResult<()> {
    if status == -1 { Err(ERROR.from_errno(errno())) } else { Ok(()) }
}

fn blocking(f: impl FnOnce() -> c_int + Send) -> PyResult<()> {
    once(f).map(drop).map_err(|errno| ERROR.from_errno(errno))
}

/// The codes of speeds in `c_cflag`, for speeds that have one; others are given as numbers.
const CODES: &[(u32, u32)] = &[
    (0, 0),
    (50, 1),
    (75, 2),
    (110, 3),
    (134, 4),
    (150, 5),
    (200, 6),
    (300, 7),
    (600, 8),
    (1200, 9),
    (1800, 10),
    (2400, 11),
    (4800, 12),
    (9600, 13),
    (19200, 14),
    (38400, 15),
    (57600, 0o10001),
    (115200, 0o10002),
    (230400, 0o10003),
    (460800, 0o10004),
    (500000, 0o10005),
    (576000, 0o10006),
    (921600, 0o10007),
    (1000000, 0o10010),
    (1152000, 0o10011),
    (1500000, 0o10012),
    (2000000, 0o10013),
    (2500000, 0o10014),
    (3000000, 0o10015),
    (3500000, 0o10016),
    (4000000, 0o10017),
];
const BOTHER: u32 = 0o10000;
const CBAUD: u32 = 0o10017;
const IBSHIFT: u32 = 16;

fn code(speed: u32) -> u32 {
    CODES.iter().find(|(known, _)| *known == speed).map_or(BOTHER, |(_, code)| *code)
}

fn get(fd: c_int) -> PyResult<libc::termios2> {
    // SAFETY: a struct of numbers, which the call fills in.
    unsafe {
        let mut mode: libc::termios2 = std::mem::zeroed();
        let at = Pointer(&raw mut mode);
        blocking(move || libc::ioctl(fd, libc::TCGETS2, at.get()))?;
        Ok(mode)
    }
}

/// The user's view has more control characters than the kernel's.
const NCCS: usize = 32;

fn control_characters(list: &List, mode: &mut libc::termios2) -> PyResult<()> {
    for i in 0..NCCS {
        let Some(item) = list.get(i) else { break };
        let value = match item.downcast::<Bytes>().filter(|b| b.len() == 1) {
            Some(bytes) => bytes.as_slice()[0],
            None if item.is_instance_of::<Int>() => number::as_i64(&item)? as u8,
            None => return Err(err!(TypeError, "tcsetattr: elements of attributes must be characters or integers")),
        };
        if let Some(slot) = mode.c_cc.get_mut(i) {
            *slot = value;
        }
    }
    Ok(())
}

/// Control of terminals, as POSIX defines it (the system's manual pages say more). All functions take a
/// file descriptor, as an int or an object with a fileno() method.
#[pymodule(name = "termios")]
pub mod termios {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("error", ERROR.get()?)?;
        for (name, value) in CONSTANTS {
            module.add(name, &Int::from_i64(*value))?;
        }
        Ok(())
    }

    /// A terminal's attributes: [iflag, oflag, cflag, lflag, ispeed, ospeed, cc].
    ///
    /// cc is the list of control characters, as bytes; the items VMIN and VTIME are ints if lflag is
    /// without ICANON.
    #[function("tcgetattr($module, fd, /)")]
    fn tcgetattr(fd: Fildes) -> PyResult<Owned<List>> {
        let mode = get(fd.0)?;
        let canonical = mode.c_lflag & libc::ICANON != 0;
        let mut characters = Vec::with_capacity(NCCS);
        for i in 0..NCCS {
            let value = mode.c_cc.get(i).copied().unwrap_or(0);
            let as_int = !canonical && (i == libc::VMIN || i == libc::VTIME);
            characters.push(if as_int { int(value) } else { Bytes::new(&[value]).into_object() });
        }
        Ok(List::from_owned(vec![
            int(mode.c_iflag),
            int(mode.c_oflag),
            int(mode.c_cflag),
            int(mode.c_lflag),
            int(mode.c_ispeed),
            int(mode.c_ospeed),
            List::from_owned(characters).into_object(),
        ]))
    }

    /// Set a terminal's attributes.
    ///
    ///   when
    ///     TCSANOW, TCSADRAIN (when output is written) or TCSAFLUSH (that, and pending input is dropped).
    ///   attributes
    ///     A list as tcgetattr() gives it.
    #[function("tcsetattr($module, fd, when, attributes, /)")]
    fn tcsetattr(fd: Fildes, when: i32, attributes: &Object) -> PyResult<()> {
        let Some(list) = attributes.downcast::<List>().filter(|list| list.len() == 7) else {
            return Err(err!(TypeError, "tcsetattr, arg 3: must be 7 element list"));
        };
        let mut mode = get(fd.0)?;
        let mut numbers = [0u32; 6];
        for (i, number) in numbers.iter_mut().enumerate() {
            let Some(item) = list.get(i) else { return Err(err!(TypeError, "tcsetattr, arg 3: must be 7 element list")) };
            *number = number::as_i64(&item)? as u32;
        }
        let [iflag, oflag, cflag, lflag, ispeed, ospeed] = numbers;
        let characters = list.get(6);
        let Some(characters) = characters.as_ref().and_then(|c| c.downcast::<List>()).filter(|list| list.len() == NCCS) else {
            return Err(err!(TypeError, "tcsetattr: attributes[6] must be {} element list", NCCS));
        };
        control_characters(characters, &mut mode)?;
        (mode.c_iflag, mode.c_oflag, mode.c_lflag) = (iflag, oflag, lflag);
        mode.c_cflag = cflag & !(CBAUD | CBAUD << IBSHIFT) | code(ospeed) | code(ispeed) << IBSHIFT;
        (mode.c_ispeed, mode.c_ospeed) = (ispeed, ospeed);
        let request = match when {
            libc::TCSANOW => libc::TCSETS2,
            libc::TCSADRAIN => libc::TCSETSW2,
            libc::TCSAFLUSH => libc::TCSETSF2,
            _ => return Err(ERROR.from_errno(libc::EINVAL)),
        };
        let (fd, at) = (fd.0, Pointer(&raw mut mode));
        // SAFETY: a struct of this function.
        blocking(move || unsafe { libc::ioctl(fd, request, at.get()) })
    }

    /// Send a break for a while.
    #[function("tcsendbreak($module, fd, duration, /)")]
    fn tcsendbreak(fd: Fildes, duration: i32) -> PyResult<()> {
        // SAFETY: numbers only.
        blocking(move || unsafe { libc::tcsendbreak(fd.0, duration) })
    }
    /// Wait until all output is written.
    #[function("tcdrain($module, fd, /)")]
    fn tcdrain(fd: Fildes) -> PyResult<()> {
        // SAFETY: numbers only.
        blocking(move || unsafe { libc::tcdrain(fd.0) })
    }
    /// Drop data: TCIFLUSH (input), TCOFLUSH (output) or TCIOFLUSH (both).
    #[function("tcflush($module, fd, queue, /)")]
    fn tcflush(fd: Fildes, queue: i32) -> PyResult<()> {
        // SAFETY: numbers only.
        blocking(move || unsafe { libc::tcflush(fd.0, queue) })
    }
    /// Stop or restart output (TCOOFF, TCOON) or input (TCIOFF, TCION).
    #[function("tcflow($module, fd, action, /)")]
    fn tcflow(fd: Fildes, action: i32) -> PyResult<()> {
        // SAFETY: numbers only.
        blocking(move || unsafe { libc::tcflow(fd.0, action) })
    }
    /// The window's size: (rows, columns).
    #[function("tcgetwinsize($module, fd, /)")]
    fn tcgetwinsize(fd: Fildes) -> PyResult<(u16, u16)> {
        let size = window_size(fd.0)?;
        Ok((size.ws_row, size.ws_col))
    }
    /// Set the window's size: (rows, columns).
    #[function("tcsetwinsize($module, fd, winsize, /)")]
    fn tcsetwinsize(fd: Fildes, winsize: &Object) -> PyResult<()> {
        if !sequence::is_sequence(winsize) || sequence::len(winsize)? != 2 {
            return Err(err!(TypeError, "tcsetwinsize, arg 2: must be a two-item sequence"));
        }
        let item = |i| sequence::sequence_get_item(winsize, i).and_then(|item| number::as_i64(&item));
        let (rows, columns) = (item(0)?, item(1)?);
        let mut size = window_size(fd.0)?;
        let (Ok(rows), Ok(columns)) = (u16::try_from(rows), u16::try_from(columns)) else {
            return Err(err!(OverflowError, "winsize value(s) out of range."));
        };
        (size.ws_row, size.ws_col) = (rows, columns);
        // SAFETY: a struct of numbers.
        checked(unsafe { libc::ioctl(fd.0, libc::TIOCSWINSZ, &size) })
    }
}

fn window_size(fd: c_int) -> PyResult<libc::winsize> {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: room for the result.
    checked(unsafe { libc::ioctl(fd, libc::TIOCGWINSZ, &mut size) })?;
    Ok(size)
}

const CONSTANTS: &[(&str, i64)] = &[
    ("B0", 0),
    ("B1000000", 0xf4240),
    ("B110", 110),
    ("B115200", 0x1c200),
    ("B1152000", 0x119400),
    ("B1200", 1200),
    ("B134", 134),
    ("B14400", 14400),
    ("B150", 150),
    ("B1500000", 0x16e360),
    ("B1800", 1800),
    ("B19200", 19200),
    ("B200", 200),
    ("B2000000", 0x1e8480),
    ("B230400", 0x38400),
    ("B2400", 2400),
    ("B2500000", 0x2625a0),
    ("B28800", 28800),
    ("B300", 300),
    ("B3000000", 0x2dc6c0),
    ("B3500000", 0x3567e0),
    ("B38400", 38400),
    ("B4000000", 0x3d0900),
    ("B460800", 0x70800),
    ("B4800", 4800),
    ("B50", 50),
    ("B500000", 0x7a120),
    ("B57600", 57600),
    ("B576000", 0x8ca00),
    ("B600", 600),
    ("B7200", 7200),
    ("B75", 75),
    ("B76800", 0x12c00),
    ("B921600", 0xe1000),
    ("B9600", 9600),
    ("BRKINT", 2),
    ("BS0", 0),
    ("BS1", 8192),
    ("BSDLY", 8192),
    ("CBAUD", 4111),
    ("CBAUDEX", 4096),
    ("CDSUSP", 25),
    ("CEOF", 4),
    ("CEOL", 0),
    ("CEOT", 4),
    ("CERASE", 127),
    ("CFLUSH", 15),
    ("CIBAUD", 0x100f0000),
    ("CINTR", 3),
    ("CKILL", 21),
    ("CLNEXT", 22),
    ("CLOCAL", 2048),
    ("CQUIT", 28),
    ("CR0", 0),
    ("CR1", 512),
    ("CR2", 1024),
    ("CR3", 1536),
    ("CRDLY", 1536),
    ("CREAD", 128),
    ("CRPRNT", 18),
    ("CRTSCTS", 0x80000000),
    ("CS5", 0),
    ("CS6", 16),
    ("CS7", 32),
    ("CS8", 48),
    ("CSIZE", 48),
    ("CSTART", 17),
    ("CSTOP", 19),
    ("CSTOPB", 64),
    ("CSUSP", 26),
    ("CWERASE", 23),
    ("ECHO", 8),
    ("ECHOCTL", 512),
    ("ECHOE", 16),
    ("ECHOK", 32),
    ("ECHOKE", 2048),
    ("ECHONL", 64),
    ("ECHOPRT", 1024),
    ("EXTA", 19200),
    ("EXTB", 38400),
    ("EXTPROC", 0x10000),
    ("FF0", 0),
    ("FF1", 32768),
    ("FFDLY", 32768),
    ("FIOASYNC", 21586),
    ("FIOCLEX", 21585),
    ("FIONBIO", 21537),
    ("FIONCLEX", 21584),
    ("FIONREAD", 21531),
    ("FLUSHO", 4096),
    ("HUPCL", 1024),
    ("IBSHIFT", 16),
    ("ICANON", 2),
    ("ICRNL", 256),
    ("IEXTEN", 32768),
    ("IGNBRK", 1),
    ("IGNCR", 128),
    ("IGNPAR", 4),
    ("IMAXBEL", 8192),
    ("INLCR", 64),
    ("INPCK", 16),
    ("IOCSIZE_MASK", 0x3fff0000),
    ("IOCSIZE_SHIFT", 16),
    ("ISIG", 1),
    ("ISTRIP", 32),
    ("IUCLC", 512),
    ("IUTF8", 16384),
    ("IXANY", 2048),
    ("IXOFF", 4096),
    ("IXON", 1024),
    ("NCCS", 32),
    ("NL0", 0),
    ("NL1", 256),
    ("NLDLY", 256),
    ("NOFLSH", 128),
    ("N_MOUSE", 2),
    ("N_PPP", 3),
    ("N_SLIP", 1),
    ("N_STRIP", 4),
    ("N_TTY", 0),
    ("OCRNL", 8),
    ("OFDEL", 128),
    ("OFILL", 64),
    ("OLCUC", 2),
    ("ONLCR", 4),
    ("ONLRET", 32),
    ("ONOCR", 16),
    ("OPOST", 1),
    ("PARENB", 256),
    ("PARMRK", 8),
    ("PARODD", 512),
    ("PENDIN", 16384),
    ("TAB0", 0),
    ("TAB1", 2048),
    ("TAB2", 4096),
    ("TAB3", 6144),
    ("TABDLY", 6144),
    ("TCFLSH", 21515),
    ("TCGETS", 21505),
    ("TCIFLUSH", 0),
    ("TCIOFF", 2),
    ("TCIOFLUSH", 2),
    ("TCION", 3),
    ("TCOFLUSH", 1),
    ("TCOOFF", 0),
    ("TCOON", 1),
    ("TCSADRAIN", 1),
    ("TCSAFLUSH", 2),
    ("TCSANOW", 0),
    ("TCSBRK", 21513),
    ("TCSBRKP", 21541),
    ("TCSETS", 21506),
    ("TCSETSF", 21508),
    ("TCSETSW", 21507),
    ("TCXONC", 21514),
    ("TIOCCONS", 21533),
    ("TIOCEXCL", 21516),
    ("TIOCGETD", 21540),
    ("TIOCGICOUNT", 21597),
    ("TIOCGLCKTRMIOS", 21590),
    ("TIOCGPGRP", 21519),
    ("TIOCGSERIAL", 21534),
    ("TIOCGSOFTCAR", 21529),
    ("TIOCGWINSZ", 21523),
    ("TIOCINQ", 21531),
    ("TIOCLINUX", 21532),
    ("TIOCMBIC", 21527),
    ("TIOCMBIS", 21526),
    ("TIOCMGET", 21525),
    ("TIOCMIWAIT", 21596),
    ("TIOCMSET", 21528),
    ("TIOCM_CAR", 64),
    ("TIOCM_CD", 64),
    ("TIOCM_CTS", 32),
    ("TIOCM_DSR", 256),
    ("TIOCM_DTR", 2),
    ("TIOCM_LE", 1),
    ("TIOCM_RI", 128),
    ("TIOCM_RNG", 128),
    ("TIOCM_RTS", 4),
    ("TIOCM_SR", 16),
    ("TIOCM_ST", 8),
    ("TIOCNOTTY", 21538),
    ("TIOCNXCL", 21517),
    ("TIOCOUTQ", 21521),
    ("TIOCPKT", 21536),
    ("TIOCPKT_DATA", 0),
    ("TIOCPKT_DOSTOP", 32),
    ("TIOCPKT_FLUSHREAD", 1),
    ("TIOCPKT_FLUSHWRITE", 2),
    ("TIOCPKT_NOSTOP", 16),
    ("TIOCPKT_START", 8),
    ("TIOCPKT_STOP", 4),
    ("TIOCSCTTY", 21518),
    ("TIOCSERCONFIG", 21587),
    ("TIOCSERGETLSR", 21593),
    ("TIOCSERGETMULTI", 21594),
    ("TIOCSERGSTRUCT", 21592),
    ("TIOCSERGWILD", 21588),
    ("TIOCSERSETMULTI", 21595),
    ("TIOCSERSWILD", 21589),
    ("TIOCSER_TEMT", 1),
    ("TIOCSETD", 21539),
    ("TIOCSLCKTRMIOS", 21591),
    ("TIOCSPGRP", 21520),
    ("TIOCSSERIAL", 21535),
    ("TIOCSSOFTCAR", 21530),
    ("TIOCSTI", 21522),
    ("TIOCSWINSZ", 21524),
    ("TOSTOP", 256),
    ("VDISCARD", 13),
    ("VEOF", 4),
    ("VEOL", 11),
    ("VEOL2", 16),
    ("VERASE", 2),
    ("VINTR", 0),
    ("VKILL", 3),
    ("VLNEXT", 15),
    ("VMIN", 6),
    ("VQUIT", 1),
    ("VREPRINT", 12),
    ("VSTART", 8),
    ("VSTOP", 9),
    ("VSUSP", 10),
    ("VSWTC", 7),
    ("VSWTCH", 7),
    ("VT0", 0),
    ("VT1", 16384),
    ("VTDLY", 16384),
    ("VTIME", 5),
    ("VWERASE", 14),
    ("XCASE", 4),
    ("XTABS", 6144),
    ("_POSIX_VDISABLE", 0),
];
