extension SigningPrompt {
    /// The sentence of the prompt in English, as it stands after the app's name. An app gives its own in the citizen's
    /// language.
    public var englishReason: String {
        switch (purpose, audience) {
        case (.binding, let server?): return "sets up this phone for \(server)"
        case (.binding, nil): return "sets up this phone"
        case (.login, let party?): return "logs you in at \(party)"
        case (.login, nil): return "logs you in"
        case (.manageDevices, _): return "shows or changes your phones"
        case (.manageConsents, _): return "shows or withdraws your consents"
        case (.reportLogin, _): return "reports a login"
        }
    }
}
