"""has_key() for curses libraries that lack it: asks terminfo for the key's capability."""

import _curses

# Key names without their KEY_ prefix, and what terminfo calls them.
_NAMES = """
A1=ka1 A3=ka3 B2=kb2 BACKSPACE=kbs BEG=kbeg BTAB=kcbt C1=kc1 C3=kc3 CANCEL=kcan CATAB=ktbc
CLEAR=kclr CLOSE=kclo COMMAND=kcmd COPY=kcpy CREATE=kcrt CTAB=kctab DC=kdch1 DL=kdl1
DOWN=kcud1 EIC=krmir END=kend ENTER=kent EOL=kel EOS=ked EXIT=kext F0=kf0 F1=kf1 F10=kf10
F11=kf11 F12=kf12 F13=kf13 F14=kf14 F15=kf15 F16=kf16 F17=kf17 F18=kf18 F19=kf19 F2=kf2
F20=kf20 F21=kf21 F22=kf22 F23=kf23 F24=kf24 F25=kf25 F26=kf26 F27=kf27 F28=kf28 F29=kf29
F3=kf3 F30=kf30 F31=kf31 F32=kf32 F33=kf33 F34=kf34 F35=kf35 F36=kf36 F37=kf37 F38=kf38
F39=kf39 F4=kf4 F40=kf40 F41=kf41 F42=kf42 F43=kf43 F44=kf44 F45=kf45 F46=kf46 F47=kf47
F48=kf48 F49=kf49 F5=kf5 F50=kf50 F51=kf51 F52=kf52 F53=kf53 F54=kf54 F55=kf55 F56=kf56
F57=kf57 F58=kf58 F59=kf59 F6=kf6 F60=kf60 F61=kf61 F62=kf62 F63=kf63 F7=kf7 F8=kf8 F9=kf9
FIND=kfnd HELP=khlp HOME=khome IC=kich1 IL=kil1 LEFT=kcub1 LL=kll MARK=kmrk MESSAGE=kmsg
MOVE=kmov NEXT=knxt NPAGE=knp OPEN=kopn OPTIONS=kopt PPAGE=kpp PREVIOUS=kprv PRINT=kprt
REDO=krdo REFERENCE=kref REFRESH=krfr REPLACE=krpl RESTART=krst RESUME=kres RIGHT=kcuf1
SAVE=ksav SBEG=kBEG SCANCEL=kCAN SCOMMAND=kCMD SCOPY=kCPY SCREATE=kCRT SDC=kDC SDL=kDL
SELECT=kslt SEND=kEND SEOL=kEOL SEXIT=kEXT SF=kind SFIND=kFND SHELP=kHLP SHOME=kHOM SIC=kIC
SLEFT=kLFT SMESSAGE=kMSG SMOVE=kMOV SNEXT=kNXT SOPTIONS=kOPT SPREVIOUS=kPRV SPRINT=kPRT
SR=kri SREDO=kRDO SREPLACE=kRPL SRIGHT=kRIT SRSUME=kRES SSAVE=kSAV SSUSPEND=kSPD STAB=khts
SUNDO=kUND SUSPEND=kspd UNDO=kund UP=kcuu1
"""

_capability_names = {
    getattr(_curses, "KEY_" + key): capability
    for key, _, capability in (pair.partition("=") for pair in _NAMES.split())
    if hasattr(_curses, "KEY_" + key)
}


def has_key(ch):
    """True if the terminal has a key with this code or character."""
    if isinstance(ch, str):
        ch = ord(ch)
    capability = _capability_names.get(ch)
    if capability is None:
        return False
    return bool(_curses.tigetstr(capability))


if __name__ == "__main__":
    # Compares the library's own has_key() with this one.
    differences = []
    _curses.initscr()
    try:
        for key in _capability_names:
            pair = _curses.has_key(key), has_key(key)
            if pair[0] != pair[1]:
                differences.append((_curses.keyname(key), *pair))
    finally:
        _curses.endwin()
    for name, system, ours in differences:
        print(f"Mismatch for key {name}, system={system}, Python={ours}")
