//! What claims are called on the consent page.

use super::Language;

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
    ("picture", ["Photo", "Photo", "الصورة"]),
    ("address", ["Address", "Adresse", "العنوان"]),
    ("locale", ["Language", "Langue", "اللغة"]),
    ("zoneinfo", ["Time zone", "Fuseau horaire", "المنطقة الزمنية"]),
    ("individual_id", ["ID number", "Numéro d’identité", "رقم الهوية"]),
    ("registration_type", ["Kind of registration", "Type d’enregistrement", "نوع التسجيل"]),
    ("updated_at", ["When the data last changed", "Date de la dernière modification", "تاريخ آخر تحديث للبيانات"]),
];

/// The claim's name for people; its own name where there is no other.
pub(super) fn claim_name(claim: &str, language: Language) -> String {
    let column = match language {
        Language::English => 0,
        Language::French => 1,
        Language::Arabic => 2,
    };
    NAMES
        .iter()
        .find(|(known, _)| *known == claim)
        .map_or_else(|| claim.to_owned(), |(_, names)| names[column].to_owned())
}
