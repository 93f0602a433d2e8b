package org.tessera.wallet

/**
 * The usual set-up: log of 400 days, 20 seconds for a request, `https` only.
 *
 * [storePath] is a file in a folder that is not backed up, made where it is not there; [languages] are for names of relying
 * parties, best first (`eng`, `fra`; also BCP 47).
 */
fun WalletConfig.Companion.at(storePath: String, languages: List<String> = emptyList()): WalletConfig = WalletConfig(
    storePath = storePath,
    languages = languages,
    activityDays = 400u,
    requestTimeoutMs = 20_000u,
    allowLoopbackHttp = false,
)
