// What of the generated code is public. Its converters and other inner parts stay behind.
@_exported import class TesseraWalletCore.Wallet
@_exported import struct TesseraWalletCore.WalletConfig
@_exported import struct TesseraWalletCore.WalletPorts
@_exported import func TesseraWalletCore.decodeQr

@_exported import enum TesseraWalletCore.AttestedSecurity
@_exported import struct TesseraWalletCore.Binding
@_exported import enum TesseraWalletCore.BindingFactor
@_exported import enum TesseraWalletCore.BindingProfile
@_exported import struct TesseraWalletCore.BindingRequest
@_exported import enum TesseraWalletCore.BindingServer
@_exported import struct TesseraWalletCore.Device
@_exported import enum TesseraWalletCore.OtpChannel
@_exported import struct TesseraWalletCore.OtpDelivery
@_exported import struct TesseraWalletCore.PartnerAccess

@_exported import enum TesseraWalletCore.DenialReason
@_exported import enum TesseraWalletCore.LoginChannel
@_exported import struct TesseraWalletCore.LoginChoices
@_exported import struct TesseraWalletCore.LoginOutcome
@_exported import struct TesseraWalletCore.LoginReview
@_exported import struct TesseraWalletCore.RelyingParty
@_exported import struct TesseraWalletCore.RequestedClaim
@_exported import struct TesseraWalletCore.UnverifiedOrigin

@_exported import struct TesseraWalletCore.ActivityEntry
@_exported import enum TesseraWalletCore.ActivityKind
@_exported import struct TesseraWalletCore.ConsentQuestion
@_exported import struct TesseraWalletCore.ConsentReceipt
@_exported import enum TesseraWalletCore.ReceiptState
@_exported import enum TesseraWalletCore.SessionKind
@_exported import struct TesseraWalletCore.UnfinishedSession

@_exported import struct TesseraWalletCore.BackupHeader
@_exported import struct TesseraWalletCore.BackupSettings
@_exported import struct TesseraWalletCore.BindAgain
@_exported import struct TesseraWalletCore.RestoredBackup
@_exported import func TesseraWalletCore.inspectBackup

@_exported import struct TesseraWalletCore.Credential
@_exported import struct TesseraWalletCore.CredentialClaim
@_exported import struct TesseraWalletCore.CredentialDetails
@_exported import enum TesseraWalletCore.CredentialDoubt
@_exported import struct TesseraWalletCore.CredentialImage
@_exported import struct TesseraWalletCore.CredentialIssuer
@_exported import enum TesseraWalletCore.CredentialType
@_exported import enum TesseraWalletCore.CredentialVerification

@_exported import enum TesseraWalletCore.ErrorCode
@_exported import struct TesseraWalletCore.ErrorDetails
@_exported import enum TesseraWalletCore.Retry
@_exported import enum TesseraWalletCore.WalletError

@_exported import protocol TesseraWalletCore.DataKeyWrap
@_exported import protocol TesseraWalletCore.DeviceKeys
@_exported import enum TesseraWalletCore.DevicePublicKey
@_exported import struct TesseraWalletCore.HttpHeader
@_exported import enum TesseraWalletCore.HttpMethod
@_exported import struct TesseraWalletCore.HttpRequest
@_exported import struct TesseraWalletCore.HttpResponse
@_exported import enum TesseraWalletCore.KeyAlgorithm
@_exported import struct TesseraWalletCore.KeyAttestation
@_exported import enum TesseraWalletCore.KeyError
@_exported import struct TesseraWalletCore.KeyInfo
@_exported import struct TesseraWalletCore.KeyOptions
@_exported import enum TesseraWalletCore.KeySecurityLevel
@_exported import protocol TesseraWalletCore.Log
@_exported import struct TesseraWalletCore.LogEntry
@_exported import enum TesseraWalletCore.LogError
@_exported import enum TesseraWalletCore.LogEvent
@_exported import enum TesseraWalletCore.LogLevel
@_exported import enum TesseraWalletCore.SecurityLevelRule
@_exported import struct TesseraWalletCore.SigningPrompt
@_exported import enum TesseraWalletCore.SigningPurpose
@_exported import protocol TesseraWalletCore.Transport
@_exported import enum TesseraWalletCore.TransportError
@_exported import enum TesseraWalletCore.UserAuthentication
@_exported import func TesseraWalletCore.ecdsaSignatureFromDer

@_exported import protocol TesseraWalletCore.Clock
@_exported import enum TesseraWalletCore.ClockError
