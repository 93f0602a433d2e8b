package org.tessera.wallet

import java.time.Instant

/** When it was bound. */
val Binding.boundAt: Instant get() = Instant.ofEpochMilli(boundAtMs)

/** When the certificate ends. */
val Binding.expiresAt: Instant get() = Instant.ofEpochMilli(expiresAtMs)

/** When it was bound. */
val Device.createdAt: Instant get() = Instant.ofEpochMilli(createdAtMs)

/** When its certificate ends. */
val Device.expiresAt: Instant get() = Instant.ofEpochMilli(expiresAtMs)

/** When the server gives up, where told. */
val LoginReview.expiresAt: Instant? get() = expiresAtMs?.let(Instant::ofEpochMilli)

/** When the browser began, where told. */
val UnverifiedOrigin.startedAt: Instant? get() = startedAtMs?.let(Instant::ofEpochMilli)

/** When it was done. */
val ActivityEntry.at: Instant get() = Instant.ofEpochMilli(atMs)

/** When it was asked. */
val ConsentQuestion.at: Instant get() = Instant.ofEpochMilli(atMs)

/** Until when it can be answered. */
val ConsentQuestion.expiresAt: Instant get() = Instant.ofEpochMilli(expiresAtMs)

/** When it was given. */
val ConsentReceipt.at: Instant get() = Instant.ofEpochMilli(atMs)

/** When it ends by itself, where told. */
val ConsentReceipt.expiresAt: Instant? get() = expiresAtMs?.let(Instant::ofEpochMilli)

/** When it was withdrawn. */
val ConsentReceipt.withdrawnAt: Instant? get() = withdrawnAtMs?.let(Instant::ofEpochMilli)

/** When it began. */
val UnfinishedSession.beganAt: Instant get() = Instant.ofEpochMilli(beganAtMs)

/** When it was issued, where told. */
val Credential.issuedAt: Instant? get() = issuedAtMs?.let(Instant::ofEpochMilli)

/** From when it is valid, where told. */
val Credential.validFrom: Instant? get() = validFromMs?.let(Instant::ofEpochMilli)

/** Until when it is valid, where told. */
val Credential.validUntil: Instant? get() = validUntilMs?.let(Instant::ofEpochMilli)

/** When it was added to this wallet. */
val Credential.addedAt: Instant get() = Instant.ofEpochMilli(addedAtMs)

/** When the backup was made, by the old phone's clock. */
val RestoredBackup.createdAt: Instant get() = Instant.ofEpochMilli(createdAtMs)
