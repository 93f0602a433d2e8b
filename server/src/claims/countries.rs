//! Country codes: two letters, as OpenID Connect's claims have them, and three, as travel documents and OSIA do.

/// ISO 3166-1: of each country the two letters and then the three.
const CODES: &str = "\
    ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE BABIH BBBRB \
    BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR \
    BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR \
    CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK \
    FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS \
    GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN \
    ISISL ITITA JEJEY JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO \
    LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD \
    MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER \
    NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM \
    PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP \
    SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF \
    TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY \
    UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE";

/// The two letters for three: `FR` for `FRA`. Two letters that are a country's stay as they are.
#[must_use]
pub fn alpha2(code: &str) -> Option<&'static str> {
    let of = |range: std::ops::Range<usize>| {
        CODES.split(' ').find(|pair| pair.get(range.clone()) == Some(code)).and_then(|pair| pair.get(..2))
    };
    if code.len() == 2 { of(0..2) } else { of(2..5) }
}

/// The three letters for two: `FRA` for `FR`.
#[must_use]
pub fn alpha3(code: &str) -> Option<&'static str> {
    CODES.split(' ').find(|pair| pair.get(..2) == Some(code)).and_then(|pair| pair.get(2..5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_has_its_two_and_its_three_letters() {
        assert_eq!(CODES.split(' ').count(), 249);
        for pair in CODES.split(' ') {
            let (two, three) = pair.split_at(2);
            assert_eq!((pair.len(), alpha2(three), alpha2(two), alpha3(two)), (5, Some(two), Some(two), Some(three)));
        }
        assert_eq!((alpha2("FRA"), alpha3("SN"), alpha2("QQQ"), alpha3("fr")), (Some("FR"), Some("SEN"), None, None));
    }
}
