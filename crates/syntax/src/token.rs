//! Tokens and their kinds. Up to `ErrorToken` the numbers are those of Python's `token` module; keywords follow.

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[repr(u8)]
pub enum TokenKind {
    EndMarker,
    Name,
    Number,
    String,
    Newline,
    Indent,
    Dedent,
    LPar,
    RPar,
    LSqb,
    RSqb,
    Colon,
    Comma,
    Semi,
    Plus,
    Minus,
    Star,
    Slash,
    VBar,
    Amper,
    Less,
    Greater,
    Equal,
    Dot,
    Percent,
    LBrace,
    RBrace,
    EqEqual,
    NotEqual,
    LessEqual,
    GreaterEqual,
    Tilde,
    Circumflex,
    LeftShift,
    RightShift,
    DoubleStar,
    PlusEqual,
    MinEqual,
    StarEqual,
    SlashEqual,
    PercentEqual,
    AmperEqual,
    VBarEqual,
    CircumflexEqual,
    LeftShiftEqual,
    RightShiftEqual,
    DoubleStarEqual,
    DoubleSlash,
    DoubleSlashEqual,
    At,
    AtEqual,
    RArrow,
    Ellipsis,
    ColonEqual,
    Exclamation,
    Op,
    TypeIgnore,
    TypeComment,
    SoftKeyword,
    FStringStart,
    FStringMiddle,
    FStringEnd,
    TStringStart,
    TStringMiddle,
    TStringEnd,
    Comment,
    Nl,
    ErrorToken,
    // Keywords, alphabetically; outside the parser each is a `Name`.
    False,
    None,
    True,
    And,
    As,
    Assert,
    Async,
    Await,
    Break,
    Class,
    Continue,
    Def,
    Del,
    Elif,
    Else,
    Except,
    Finally,
    For,
    From,
    Global,
    If,
    Import,
    In,
    Is,
    Lambda,
    Nonlocal,
    Not,
    Or,
    Pass,
    Raise,
    Return,
    Try,
    While,
    With,
    Yield,
}

const NAMES: [&str; 68] = [
    "ENDMARKER", "NAME", "NUMBER", "STRING", "NEWLINE", "INDENT", "DEDENT", "LPAR", "RPAR", "LSQB", "RSQB", "COLON",
    "COMMA", "SEMI", "PLUS", "MINUS", "STAR", "SLASH", "VBAR", "AMPER", "LESS", "GREATER", "EQUAL", "DOT", "PERCENT",
    "LBRACE", "RBRACE", "EQEQUAL", "NOTEQUAL", "LESSEQUAL", "GREATEREQUAL", "TILDE", "CIRCUMFLEX", "LEFTSHIFT",
    "RIGHTSHIFT", "DOUBLESTAR", "PLUSEQUAL", "MINEQUAL", "STAREQUAL", "SLASHEQUAL", "PERCENTEQUAL", "AMPEREQUAL",
    "VBAREQUAL", "CIRCUMFLEXEQUAL", "LEFTSHIFTEQUAL", "RIGHTSHIFTEQUAL", "DOUBLESTAREQUAL", "DOUBLESLASH",
    "DOUBLESLASHEQUAL", "AT", "ATEQUAL", "RARROW", "ELLIPSIS", "COLONEQUAL", "EXCLAMATION", "OP", "TYPE_IGNORE",
    "TYPE_COMMENT", "SOFT_KEYWORD", "FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END", "TSTRING_START",
    "TSTRING_MIDDLE", "TSTRING_END", "COMMENT", "NL", "ERRORTOKEN",
];

pub(crate) const KEYWORDS: [(&str, TokenKind); 35] = {
    use TokenKind::*;
    [
        ("False", False), ("None", None), ("True", True), ("and", And), ("as", As), ("assert", Assert),
        ("async", Async), ("await", Await), ("break", Break), ("class", Class), ("continue", Continue), ("def", Def),
        ("del", Del), ("elif", Elif), ("else", Else), ("except", Except), ("finally", Finally), ("for", For),
        ("from", From), ("global", Global), ("if", If), ("import", Import), ("in", In), ("is", Is),
        ("lambda", Lambda), ("nonlocal", Nonlocal), ("not", Not), ("or", Or), ("pass", Pass), ("raise", Raise),
        ("return", Return), ("try", Try), ("while", While), ("with", With), ("yield", Yield),
    ]
};

impl TokenKind {
    /// The name in the `token` module; a keyword is a `NAME` there.
    pub fn name(self) -> &'static str {
        NAMES.get(self as usize).copied().unwrap_or("NAME")
    }

    /// The number in the `token` module.
    pub fn number(self) -> u8 {
        if self.is_keyword() { TokenKind::Name as u8 } else { self as u8 }
    }

    pub fn is_keyword(self) -> bool {
        self as u8 >= TokenKind::False as u8
    }

    /// Operators and delimiters: what the `tokenize` module calls `OP`.
    pub fn is_operator(self) -> bool {
        (TokenKind::LPar as u8..=TokenKind::Op as u8).contains(&(self as u8))
    }

    /// Whether the token carries no text, so that a node does not end with it.
    pub fn is_whitespace(self) -> bool {
        matches!(self, TokenKind::EndMarker | TokenKind::Newline | TokenKind::Indent | TokenKind::Dedent)
    }

    pub(crate) fn from_keyword(text: &[u8]) -> TokenKind {
        use TokenKind::*;
        // By length and first letter, so that most names leave at the first look.
        match (text.len(), text[0]) {
            (2, b'i') => match text[1] {
                b'f' => If,
                b'n' => In,
                b's' => Is,
                _ => Name,
            },
            (2, b'a') if text == b"as" => As,
            (2, b'o') if text == b"or" => Or,
            (3, b'd') => match text {
                b"def" => Def,
                b"del" => Del,
                _ => Name,
            },
            (3, b'a') if text == b"and" => And,
            (3, b'f') if text == b"for" => For,
            (3, b'n') if text == b"not" => Not,
            (3, b't') if text == b"try" => Try,
            (4, b'e') => match text {
                b"else" => Else,
                b"elif" => Elif,
                _ => Name,
            },
            (4, b'f') if text == b"from" => From,
            (4, b'N') if text == b"None" => None,
            (4, b'T') if text == b"True" => True,
            (4, b'p') if text == b"pass" => Pass,
            (4, b'w') if text == b"with" => With,
            (5, b'a') => match text {
                b"async" => Async,
                b"await" => Await,
                _ => Name,
            },
            (5, b'F') if text == b"False" => False,
            (5, b'b') if text == b"break" => Break,
            (5, b'c') if text == b"class" => Class,
            (5, b'r') if text == b"raise" => Raise,
            (5, b'w') if text == b"while" => While,
            (5, b'y') if text == b"yield" => Yield,
            (6, b'a') if text == b"assert" => Assert,
            (6, b'e') if text == b"except" => Except,
            (6, b'g') if text == b"global" => Global,
            (6, b'i') if text == b"import" => Import,
            (6, b'l') if text == b"lambda" => Lambda,
            (6, b'r') if text == b"return" => Return,
            (7, b'f') if text == b"finally" => Finally,
            (8, b'c') if text == b"continue" => Continue,
            (8, b'n') if text == b"nonlocal" => Nonlocal,
            _ => Name,
        }
    }
}

/// Lines count from 1, columns from 0 in bytes; `col_offset` is -1 where the token has no text
/// (indents, dedents, the end marker). `start..end` is the text in the source.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub start: u32,
    pub end: u32,
    pub lineno: i32,
    pub col_offset: i32,
    pub end_lineno: i32,
    pub end_col_offset: i32,
    pub kind: TokenKind,
    /// How many brackets are open after the token.
    pub level: u8,
}

const _: () = assert!(size_of::<Token>() <= 28);
