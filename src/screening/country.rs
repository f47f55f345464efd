//! Country codes: what documents and policies write, brought to one form.

/// ISO 3166-1, and Kosovo's user-assigned XK and XKX: a small letter opens the countries whose two
/// codes both begin with it, then three letters stand for each: the rest of its alpha-2 code and
/// the rest of its alpha-3 code (`aDND`: AD, AND). Written so, the table is two thirds of its plain
/// size when compressed, and every page that loads the module pays for it.
#[rustfmt::skip]
const COUNTRIES: &str = concat!(
    "aDNDEREFFGGTGIIALLBMRMOGOQTARRGSSMTUTUUSWBWXLAZZE",
    "bAIHBRBDGDEELFFAGGRHHRIDIJENLLMMMUNRNOOLQESRRASHSTTNVVTWWAYLRZLZ",
    "cAANCCKDODFAFGOGHHEIIVKOKLHLMMRNHNOOLRRIUUBVPVWUWXXRYYPZZE",
    "dEEUJJIKNKMMAOOMZZA",
    "eCCUESTGGYHSHRRISSPTTH",
    "fIINJJIKLKMSMORORRA",
    "gAABBBRDRDEEOFUFGGYHHAIIBLRLMMBNINPLPQNQRRCTTMUUMWNBYUY",
    "hKKGMMDNNDRRVTTIUUN",
    "iDDNERLLSRMMNNNDOOTQRQRRNSSLTTA",
    "jEEYMAMOORPPN",
    "kEENGGZHHMIIRNNARORWWTZAZ",
    "lAAOBBNCCAIIEKKARBRSSOTTUUUXVVAYBY",
    "mAARCCODDAENEFAFGDGHHLKKDLLIMMRNNGOACPNPQTQRRTSSRTLTUUSVDVWWIXEXYYSZOZ",
    "nAAMCCLEERFFKGGAIICLLDOORPPLRRUUIUZZL",
    "oMMN",
    "pAANEERFYFGNGHHLKAKLOLNCNRRISSETRTWLWYRY",
    "qAAT",
    "rEEUOOUUUSWWA",
    "sAAUBLBCYCDDNEWEGGPHHNIVNJJMKVKLLEMMRNENOOMRURSSDTTPVLVXXMYYRZWZ",
    "tCCADCDGGOHHAJJKKKLLLSMKMNUNOONRURTTOVUVWWNZZA",
    "uAKRGGAMMISSAYRYZZB",
    "vAATCCTEENGGBIIRNNMUUT",
    "wFLFSSM",
    "xKKX",
    "yEEM",
    "zAAFMMBWWE",
);

/// Alpha-2 codes, each followed by one more code for it: an alpha-3 code with another first letter,
/// or what a document may carry instead. The latter are Germany's D, the classes of British
/// nationality and Kosovo's RKS from [ICAO Doc 9303-3, section
/// 5](https://www.icao.int/publications/doc-series/doc-9303), the reserved code UK, and former
/// codes: of a renamed country for the present one, of a dissolved one for itself. Stateless
/// persons, refugees and organisations (XXA to XXC, XXX, UNO, UNA) have no country, and neither
/// does the Utopia (UTO) of specimens.
#[rustfmt::skip]
const OTHERS: &str = concat!(
    "GSSGS", "KMCOM", "KPPRK", "KYCYM", "PMSPM", "RSSRB", "TFATF", "YTMYT",
    "DED  ", "GBGBD", "GBGBN", "GBGBO", "GBGBP", "GBGBS", "XKRKS", "GBUK ",
    "CDZAR", "MMBUR", "ROROM", "TLTMP", "ANANT", "CSSCG", "SUSUN", "YUYUG",
);

/// A country, as its ISO 3166-1 alpha-2 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Country([u8; 2]);

impl Country {
    /// Understands alpha-2 and alpha-3 codes in either case, with or without the `<` that fills a
    /// machine-readable zone (`D<<`).
    pub fn parse(code: &[u8]) -> Option<Self> {
        let mut code = code.trim_ascii();
        while let [shorter @ .., b'<'] = code {
            code = shorter;
        }
        if !code.iter().all(u8::is_ascii_alphabetic) {
            return None;
        }
        let code = match *code {
            [a] => [a, b' ', b' '],
            [a, b] => [a, b, b' '],
            [a, b, c] => [a, b, c],
            _ => return None,
        }
        .map(|letter| letter.to_ascii_uppercase());
        regular(code).or_else(|| other(code))
    }
}

fn regular(code: [u8; 3]) -> Option<Country> {
    let mut initial = b' ';
    let mut table = COUNTRIES.as_bytes();
    loop {
        match *table {
            [letter @ b'a'..=b'z', ref rest @ ..] => {
                initial = letter.to_ascii_uppercase();
                table = rest;
            }
            [a, b, c, ref rest @ ..] => {
                if code == [initial, a, b' '] || code == [initial, b, c] {
                    return Some(Country([initial, a]));
                }
                table = rest;
            }
            _ => return None,
        }
    }
}

fn other(code: [u8; 3]) -> Option<Country> {
    let mut table = OTHERS.as_bytes();
    while let [a, b, c, d, e, ref rest @ ..] = *table {
        if code == [a, b, b' '] || code == [c, d, e] {
            return Some(Country([a, b]));
        }
        table = rest;
    }
    None
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
        Country::parse(text.as_bytes())
            .map(|country| String::from_utf8_lossy(&country.0).into_owned())
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
