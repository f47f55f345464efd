//! Country codes: what documents and policies write, brought to one form.

/// Countries in the order of their alpha-2 codes, each followed by an alpha-3 code that has these
/// letters and one more: ISO 3166-1 but for what [`OTHERS`] has, and Kosovo's user-assigned XK and
/// XKX.
#[rustfmt::skip]
const COUNTRIES: &str = concat!(
    "ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO ARARG ASASM ATAUT AUAUS AWABW AZAZE ",
    "BBBRB BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BLBLM BMBMU BNBRN BOBOL BRBRA BSBHS BTBTN BVBVT BWBWA ",
    "BZBLZ ",
    "CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW ",
    "CXCXR CYCYP CZCZE ",
    "DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ",
    "ECECU EGEGY EHESH ERERI ESESP ETETH ",
    "FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA ",
    "GAGAB GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GTGTM GUGUM ",
    "GYGUY ",
    "HKHKG HMHMD HNHND HRHRV HTHTI HUHUN ",
    "IDIDN IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA ",
    "JEJEY JMJAM JOJOR JPJPN ",
    "KEKEN KGKGZ KHKHM KIKIR KNKNA KRKOR KWKWT KZKAZ ",
    "LALAO LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY ",
    "MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD MLMLI MMMMR MNMNG MPMNP MQMTQ MRMRT MSMSR MTMLT ",
    "MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ ",
    "NANAM NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL ",
    "OMOMN ",
    "PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY ",
    "QAQAT ",
    "REREU ROROU RURUS RWRWA ",
    "SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP ",
    "SVSLV SXSXM SYSYR SZSWZ ",
    "TCTCA TDTCD TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON TRTUR TTTTO TVTUV TWTWN TZTZA ",
    "UGUGA UMUMI USUSA UYURY UZUZB ",
    "VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT ",
    "WFWLF WSWSM ",
    "XKXKX ",
    "YEYEM ",
    "ZAZAF ZMZMB ZWZWE ",
);

/// Alpha-2 codes, each followed by one more code for it: an alpha-3 code with other letters, or
/// what a document may carry instead. The latter are Germany's D, the classes of British
/// nationality and Kosovo's RKS from [ICAO Doc 9303-3, section
/// 5](https://www.icao.int/publications/doc-series/doc-9303), the reserved code UK, and former
/// codes: of a renamed country for the present one, of a dissolved one for itself. Stateless
/// persons, refugees and organisations (XXA to XXC, XXX, UNO, UNA) have no country, and neither
/// does the Utopia (UTO) of specimens.
#[rustfmt::skip]
const OTHERS: [u32; 37] = [
    both("AQATA"), both("AXALA"), both("BABIH"), both("BJBEN"), both("BQBES"), both("BYBLR"), both("EEEST"), both("GWGNB"),
    both("IEIRL"), both("ILISR"), both("MOMAC"), both("SISVN"), both("UAUKR"), both("GSSGS"), both("KMCOM"), both("KPPRK"),
    both("KYCYM"), both("PMSPM"), both("RSSRB"), both("TFATF"), both("YTMYT"), both("DED  "), both("GBGBD"), both("GBGBN"),
    both("GBGBO"), both("GBGBP"), both("GBGBS"), both("XKRKS"), both("GBUK "), both("CDZAR"), both("MMBUR"), both("ROROM"),
    both("TLTMP"), both("ANANT"), both("CSSCG"), both("SUSUN"), both("YUYUG"),
];

/// The letters of both codes.
const fn both(codes: &str) -> u32 {
    let mut codes = codes.as_bytes();
    let mut letters = 0;
    while let [letter, rest @ ..] = codes {
        letters = with(letters, *letter as u32);
        codes = rest;
    }
    letters
}

/// All codes of two letters there may be.
const PAIRS: u32 = 26 * 26;
/// Where the countries begin in the table, behind a bit for each pair of letters.
const ENTRIES: usize = PAIRS.div_ceil(8) as usize;
/// [`COUNTRIES`], as short as it gets, since every page that loads the module pays for it: of each
/// pair of letters a bit, whether it is a country's, then for each country the letter that its
/// alpha-3 code has more, small where that is the last. 400 bytes less of what a Worker loads than
/// three letters for each country.
const TABLE: [u8; LENGTH] = packed(COUNTRIES.as_bytes());
const LENGTH: usize = ENTRIES + COUNTRIES.len() / "ADAND ".len();

#[expect(clippy::indexing_slicing, reason = "what is amiss does not compile")]
const fn packed(mut list: &[u8]) -> [u8; LENGTH] {
    let mut table = [0; LENGTH];
    let mut next = 0;
    let mut entry = ENTRIES;
    while let [first, second, a, b, c, b' ', rest @ ..] = list {
        let pair = (*first - b'A') as usize * 26 + (*second - b'A') as usize;
        assert!(pair >= next, "in the order of the alphabet");
        next = pair + 1;
        table[pair / 8] |= 1 << (pair % 8);
        assert!(
            *a == *first && (*b == *second || *c == *second),
            "it has other letters"
        );
        table[entry] = if *b == *second {
            c.to_ascii_lowercase()
        } else {
            *b
        };
        entry += 1;
        list = rest;
    }
    assert!(list.is_empty(), "it ends within a country");
    table
}

/// A country, as the letters of its ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country(u32);

impl Country {
    /// Understands alpha-2 and alpha-3 codes in either case, with or without the `<` that fills a
    /// machine-readable zone (`D<<`).
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (mut code, mut length, mut filled) = (0, 0, false);
        for byte in text.trim_ascii() {
            if *byte == b'<' {
                filled = true;
            } else if filled || !byte.is_ascii_alphabetic() {
                return None;
            } else {
                code = with(code, u32::from(*byte));
                length += 1;
            }
        }
        if !(1..=3).contains(&length) {
            return None;
        }
        code <<= (3 - length) * 5;
        regular(code).or_else(|| other(code)).map(Self)
    }
}

/// Letters and one letter more, by its place in the alphabet: five bits each.
const fn with(letters: u32, letter: u32) -> u32 {
    letters << 5 | letter & 31
}

fn regular(code: u32) -> Option<u32> {
    let mut entries = TABLE.iter().skip(ENTRIES);
    for pair in 0..PAIRS {
        let bits = TABLE.get(pair as usize / 8)?;
        if bits >> (pair % 8) & 1 == 0 {
            continue;
        }
        let more = u32::from(*entries.next()?);
        let (first, second) = (pair / 26 + 1, pair % 26 + 1);
        let country = with(first, second);
        let alpha3 = if more < u32::from(b'a') {
            with(with(first, more), second)
        } else {
            with(country, more)
        };
        if code == country << 5 || code == alpha3 {
            return Some(country);
        }
    }
    None
}

fn other(code: u32) -> Option<u32> {
    OTHERS.iter().find_map(|both| {
        let country = both >> 15;
        (code == country << 5 || code == both & 0x7fff).then_some(country)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// ISO 3166-1 as Debian's iso-codes lists it: each alpha-2 code with its alpha-3 code.
    const ISO_3166_1: &str = "\
        ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE \
        BABIH BBBRB BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS \
        BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN \
        COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST \
        EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF \
        GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD \
        HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM \
        JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA \
        LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD \
        MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM \
        NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG \
        PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA \
        SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD \
        STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON \
        TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR \
        VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE";

    fn code(text: &str) -> Option<String> {
        let letter = |place: u32| char::from(b'@' + (place & 31) as u8);
        Country::parse(text.as_bytes())
            .map(|country| String::from_iter([letter(country.0 >> 5), letter(country.0)]))
    }

    #[test]
    fn every_iso_code_is_understood_in_both_forms_and_either_case() {
        let mut count = 0;
        for pair in ISO_3166_1.split_whitespace() {
            let (alpha2, alpha3) = pair.split_at(2);
            for text in [
                alpha2,
                alpha3,
                &alpha2.to_lowercase(),
                &alpha3.to_lowercase(),
                &format!(" {alpha3} "),
            ] {
                assert_eq!(code(text).as_deref(), Some(alpha2), "{text}");
            }
            count += 1;
        }
        assert_eq!(count, 249);
    }

    #[test]
    fn nothing_else_of_two_or_three_letters_is_a_country() {
        let mut known: Vec<String> = ISO_3166_1
            .split_whitespace()
            .flat_map(|p| [p[..2].into(), p[2..].into()])
            .collect();
        known.extend(
            "XK XKX D GBD GBN GBO GBP GBS RKS UK ZAR BUR ROM TMP AN ANT CS SCG SU SUN YU YUG"
                .split(' ')
                .map(String::from),
        );
        let letters = || (b'A'..=b'Z').map(char::from);
        let mut texts: Vec<String> = letters().map(String::from).collect();
        texts.extend(letters().flat_map(|a| letters().map(move |b| String::from_iter([a, b]))));
        texts.extend(letters().flat_map(|a| {
            letters().flat_map(move |b| letters().map(move |c| String::from_iter([a, b, c])))
        }));
        for text in texts {
            assert_eq!(code(&text).is_some(), known.contains(&text), "{text}");
        }
    }

    #[test]
    fn what_passports_carry() {
        for (text, country) in [
            ("D", "DE"),
            ("d", "DE"),
            ("D<<", "DE"),
            ("DEU", "DE"),
            ("GBD", "GB"),
            ("GBN", "GB"),
            ("GBO", "GB"),
            ("GBP", "GB"),
            ("GBS", "GB"),
            ("UK", "GB"),
            ("RKS", "XK"),
            ("xkx", "XK"),
            ("ROM", "RO"),
            ("ZAR", "CD"),
            ("TMP", "TL"),
            ("BUR", "MM"),
            ("SCG", "CS"),
            ("YUG", "YU"),
            ("ANT", "AN"),
            ("SUN", "SU"),
        ] {
            assert_eq!(code(text).as_deref(), Some(country), "{text}");
        }
        for text in [
            "UNO",
            "UNA",
            "UNK",
            "XXA",
            "XXB",
            "XXC",
            "XXX",
            "XOM",
            "UTO",
            "EUE",
            "ZZ",
            "",
            " ",
            "<",
            "<<<",
            "G B",
            "G1",
            "826",
            "GBRR",
            "United Kingdom",
            "\u{ff27}\u{ff22}",
            "\u{c9}T",
            "D<D",
            "D<E",
        ] {
            assert_eq!(code(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_at_all_is_survived(text in any::<String>()) {
            let _ = Country::parse(text.as_bytes());
        }
    }
}
