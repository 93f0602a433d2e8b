//! What claims are called on the consent page.

use super::Language;
use crate::claims::{age_asked, compared};

/// Claim, English, French, Arabic.
const NAMES: &[(&str, [&str; 3])] = &[
    ("name", ["Full name", "Nom complet", "الاسم الكامل"]),
    ("given_name", ["First name", "Prénom", "الاسم الأول"]),
    ("family_name", ["Family name", "Nom de famille", "اسم العائلة"]),
    ("middle_name", ["Middle name", "Deuxième prénom", "الاسم الأوسط"]),
    ("preferred_username", ["Preferred name", "Nom d’usage", "الاسم المفضل"]),
    ("nickname", ["Nickname", "Surnom", "اللقب"]),
    ("gender", ["Gender", "Genre", "الجنس"]),
    ("birthdate", ["Date of birth", "Date de naissance", "تاريخ الميلاد"]),
    ("email", ["Email address", "Adresse e-mail", "عنوان البريد الإلكتروني"]),
    (
        "email_verified",
        [
            "Whether the email address is verified",
            "Si l’adresse e-mail est vérifiée",
            "هل تم التحقق من البريد الإلكتروني",
        ],
    ),
    ("phone_number", ["Phone number", "Numéro de téléphone", "رقم الهاتف"]),
    (
        "phone_number_verified",
        ["Whether the phone number is verified", "Si le numéro de téléphone est vérifié", "هل تم التحقق من رقم الهاتف"],
    ),
    ("profile", ["Profile page", "Page de profil", "صفحة الملف الشخصي"]),
    ("website", ["Website", "Site web", "الموقع الإلكتروني"]),
    ("picture", ["Photo", "Photo", "الصورة"]),
    ("address", ["Address", "Adresse", "العنوان"]),
    ("locale", ["Language", "Langue", "اللغة"]),
    ("zoneinfo", ["Time zone", "Fuseau horaire", "المنطقة الزمنية"]),
    ("individual_id", ["ID number", "Numéro d’identité", "رقم الهوية"]),
    ("registration_type", ["Kind of registration", "Type d’enregistrement", "نوع التسجيل"]),
    ("title_prefix", ["Title before the name", "Titre avant le nom", "اللقب قبل الاسم"]),
    ("title_suffix", ["Title after the name", "Titre après le nom", "اللقب بعد الاسم"]),
    ("age", ["Age", "Âge", "العمر"]),
    ("majority", ["Whether you are of age", "Si vous êtes majeur", "هل بلغت سن الرشد"]),
    ("date_of_death", ["Date of death", "Date de décès", "تاريخ الوفاة"]),
    ("birthnumber", ["Birth number", "Numéro de naissance", "رقم الميلاد"]),
    ("birthplace", ["Place of birth", "Lieu de naissance", "مكان الميلاد"]),
    ("birthcountry", ["Country of birth", "Pays de naissance", "بلد الميلاد"]),
    ("primary_nationality", ["First nationality", "Première nationalité", "الجنسية الأولى"]),
    ("nationalities", ["Nationalities", "Nationalités", "الجنسيات"]),
    ("maritalstatus", ["Marital status", "Situation familiale", "الحالة الاجتماعية"]),
    ("addresses", ["Addresses", "Adresses", "العناوين"]),
    ("idcards", ["Identity documents", "Pièces d’identité", "وثائق الهوية"]),
    ("paymentAccounts", ["Account numbers", "Numéros de compte", "أرقام الحسابات"]),
    (
        "paymentAccountsDetails",
        ["Account numbers and currencies", "Numéros de compte et devises", "أرقام الحسابات والعملات"],
    ),
    (
        "pep",
        [
            "Whether you hold a prominent public office",
            "Si vous exercez une fonction publique importante",
            "هل تشغل منصبًا عامًا بارزًا",
        ],
    ),
    (
        "limited_legal_capacity",
        [
            "Whether your legal capacity is limited",
            "Si votre capacité juridique est limitée",
            "هل أهليتك القانونية محدودة",
        ],
    ),
    (
        "verified_claims",
        ["What a bank has verified of this", "Ce qu’une banque en a vérifié", "ما تحقق منه أحد البنوك من ذلك"],
    ),
    ("updated_at", ["When the data last changed", "Date de la dernière modification", "تاريخ آخر تحديث للبيانات"]),
];

/// What is told of a claim that is answered by yes or no: an age, or another claim's name, comes in place of `{}`.
const AGED: [&str; 3] =
    ["Whether you are {} or older", "Si vous avez {} ans ou plus", "ما إذا كان عمرك {} سنة أو أكثر"];
/// See [`AGED`].
const COMPARED: [&str; 3] = [
    "Whether this is the same as what they have: {}",
    "Si ceci correspond à ce qu’ils ont : {}",
    "ما إذا كان هذا مطابقًا لما لديهم: {}",
];

/// The claim's name for people; its own name where there is no other.
pub(super) fn claim_name(claim: &str, language: Language) -> String {
    let column = match language {
        Language::English => 0,
        Language::French => 1,
        Language::Arabic => 2,
    };
    if let Some(years) = age_asked(claim) {
        return AGED[column].replace("{}", &years.to_string());
    }
    if let Some(attribute) = compared(claim) {
        return COMPARED[column].replace("{}", &claim_name(attribute, language));
    }
    NAMES
        .iter()
        .find(|(known, _)| *known == claim)
        .map_or_else(|| claim.to_owned(), |(_, names)| names[column].to_owned())
}
