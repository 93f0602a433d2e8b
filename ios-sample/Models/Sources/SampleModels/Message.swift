import TesseraWallet

/// Names a text of the string catalog. The views translate it; the checks hold every name against the catalog.
public struct Message: Hashable, Sendable {
    /// The key in `Localizable.xcstrings`.
    public let key: String

    init(_ key: String) { self.key = key }
}

extension Message {
    /// What to tell of a code: what happened and what to do. Codes only a developer can act on share one text.
    public init(of code: ErrorCode) {
        switch code {
        case .invalidLink: self.init("error.invalidLink")
        case .linkExpired, .linkCodeRefused: self.init("error.codeUsedUp")
        case .unknownServer: self.init("error.unknownServer")
        case .bindingChoiceNeeded: self.init("error.bindingChoiceNeeded")
        case .notBound, .bindingEnded: self.init("error.bindingEnded")
        case .alreadyBound: self.init("error.alreadyBound")
        case .keyInvalidated: self.init("error.keyInvalidated")
        case .keyUnsupported: self.init("error.keyUnsupported")
        case .busy: self.init("error.busy")
        case .cancelled: self.init("error.cancelled")
        case .promptDismissed: self.init("error.promptDismissed")
        case .loginEnded: self.init("error.loginEnded")
        case .factorUnsupported: self.init("error.factorUnsupported")
        case .numberNeeded: self.init("error.numberNeeded")
        case .numberWrong: self.init("error.numberWrong")
        case .loginNotAllowed: self.init("error.loginNotAllowed")
        case .authenticationFailed: self.init("error.authenticationFailed")
        case .attemptsExceeded: self.init("error.attemptsExceeded")
        case .outcomeUnknown: self.init("error.outcomeUnknown")
        case .offline, .timeout: self.init("error.offline")
        case .untrustedConnection: self.init("error.untrustedConnection")
        case .insecureAddress: self.init("error.insecureAddress")
        case .serverUnavailable: self.init("error.serverUnavailable")
        case .serverRefused: self.init("error.serverRefused")
        case .locked: self.init("error.locked")
        case .storeLost, .storeCorrupt: self.init("error.storeLost")
        case .storeInUse: self.init("error.storeInUse")
        case .storeTooNew: self.init("error.storeTooNew")
        case .storeFailed: self.init("error.storeFailed")
        case .invalidInput: self.init("error.invalidInput")
        case .invalidCredential: self.init("error.invalidCredential")
        case .credentialEncrypted: self.init("error.credentialEncrypted")
        case .backupPassphraseWrong: self.init("error.backupPassphraseWrong")
        case .backupDamaged: self.init("error.backupDamaged")
        case .backupTooNew: self.init("error.backupTooNew")
        default: self.init("error.other")
        }
    }

    /// What an entry of the activity log says was done.
    public init(of kind: ActivityKind) {
        switch kind {
        case .bound: self.init("activity.bound")
        case .renewed: self.init("activity.renewed")
        case .unbound: self.init("activity.unbound")
        case .deviceRevoked: self.init("activity.deviceRevoked")
        case .loginApproved: self.init("activity.loginApproved")
        case .loginDenied: self.init("activity.loginDenied")
        case .loginFailed: self.init("activity.loginFailed")
        case .consentWithdrawn: self.init("activity.consentWithdrawn")
        case .questionAnswered: self.init("activity.questionAnswered")
        case .loginReported: self.init("activity.loginReported")
        case .credentialAdded: self.init("activity.credentialAdded")
        case .credentialDeleted: self.init("activity.credentialDeleted")
        case .backupExported: self.init("activity.backupExported")
        case .backupRestored: self.init("activity.backupRestored")
        }
    }

    /// Whether a consent holds.
    public init(of state: ReceiptState) {
        switch state {
        case .given: self.init("receipts.state.given")
        case .expired: self.init("receipts.state.expired")
        case .withdrawn: self.init("receipts.state.withdrawn")
        }
    }

    /// Why a credential does not stand.
    public init(of doubt: CredentialDoubt) {
        switch doubt {
        case .unsigned: self.init("doubt.unsigned")
        case .unsupportedAlgorithm: self.init("doubt.unsupportedAlgorithm")
        case .unknownIssuer: self.init("doubt.unknownIssuer")
        case .unknownKey: self.init("doubt.unknownKey")
        case .untrustedCertificate: self.init("doubt.untrustedCertificate")
        case .badSignature: self.init("doubt.badSignature")
        case .notYetValid: self.init("doubt.notYetValid")
        case .expired: self.init("doubt.expired")
        }
    }

    /// Where a key lives.
    public init(of level: KeySecurityLevel) {
        switch level {
        case .software: self.init("key.software")
        case .trustedEnvironment: self.init("key.trustedEnvironment")
        case .secureElement: self.init("key.secureElement")
        }
    }

    /// What a citizen calls a claim; nothing for one this app knows no word for.
    public init?(ofClaim name: String) {
        switch name {
        case "name", "full_name": self.init("claim.name")
        case "given_name", "first_name": self.init("claim.givenName")
        case "family_name", "last_name": self.init("claim.familyName")
        case "middle_name": self.init("claim.middleName")
        case "nickname": self.init("claim.nickname")
        case "birthdate", "date_of_birth": self.init("claim.birthdate")
        case "gender": self.init("claim.gender")
        case "email", "email_verified": self.init("claim.email")
        case "phone", "phone_number", "phone_number_verified": self.init("claim.phone")
        case "address": self.init("claim.address")
        case "picture": self.init("claim.picture")
        case "locale", "language": self.init("claim.locale")
        case "id", "individual_id": self.init("claim.individualId")
        case "nationality": self.init("claim.nationality")
        case "marital_status": self.init("claim.maritalStatus")
        case "guardian": self.init("claim.guardian")
        case "legal_status": self.init("claim.legalStatus")
        case "country_of_issuance": self.init("claim.countryOfIssuance")
        case "location_code": self.init("claim.locationCode")
        case "secondary_full_name": self.init("claim.secondaryName")
        case "secondary_language": self.init("claim.secondaryLanguage")
        case "version": self.init("claim.version")
        case "biometrics": self.init("claim.biometrics")
        default: return nil
        }
    }
}
