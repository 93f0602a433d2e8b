import Foundation

/// Made with OpenSSL, keys thrown away: two certificates, and what `openssl pkey -pubin` says of them.
enum Certificates {
    /// P-256, `CN=id.example`.
    static let p256 = Data(
        base64Encoded: """
            MIIBgjCCASegAwIBAgIUH0HDktWu82nXSdCpgc3sjlxGDxYwCgYIKoZIzj0EAwIwFTETMBEGA1UEAwwKaWQuZXhhbXBsZTAgFw0y\
            NjExMjIwOTUwNDdaGA8yMTI2MTAyOTA5NTA0N1owFTETMBEGA1UEAwwKaWQuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEH\
            A0IABKwV3cxPgUtNW/qumBt4XV1KxKRPTCVnuO+rvgq+Yd+bXhVPBWET3XimNH2tSt+DKwyyRZ1mi+IKXVn4pSTjCC6jUzBRMB0G\
            A1UdDgQWBBSumoGuI3gK/ccPomIjSyqp5Q1I3DAfBgNVHSMEGDAWgBSumoGuI3gK/ccPomIjSyqp5Q1I3DAPBgNVHRMBAf8EBTAD\
            AQH/MAoGCCqGSM49BAMCA0kAMEYCIQDejyEWQB2pFugWoAUzVxiLQ+vz+pAfUp793ikEAweWYQIhAK5aUlTGyRFXDJQk1FmhwtN6\
            g2KPPpt/geY00Sq/ke3H
            """)
    /// Its SubjectPublicKeyInfo.
    static let p256Key = Data(
        base64Encoded: """
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAErBXdzE+BS01b+q6YG3hdXUrEpE9MJWe476u+Cr5h35teFU8FYRPdeKY0fa1K34Mr\
            DLJFnWaL4gpdWfilJOMILg==
            """)
    /// RSA-2048, `CN=id.example`.
    static let rsa = Data(
        base64Encoded: """
            MIIDDTCCAfWgAwIBAgIUTfFT3MXxSiGQeldp86RJPH4M65cwDQYJKoZIhvcNAQELBQAwFTETMBEGA1UEAwwKaWQuZXhhbXBsZTAg\
            Fw0yNjExMjIwOTUwNDhaGA8yMTI2MTAyOTA5NTA0OFowFTETMBEGA1UEAwwKaWQuZXhhbXBsZTCCASIwDQYJKoZIhvcNAQEBBQAD\
            ggEPADCCAQoCggEBAODgMaVcQYIPv6oVSdqZOZ6jT5EyZnQ1adDFlApieKElKaGA1O5PdcZ/p7GBVOBdoXv6+E1kt5r6qaw2GWXo\
            I+t+GK1RI7HO/Qp39idDJdFZ/j67VM7ytt0RQzFBiQ89ToIoL2KQOF9qukUkRb+HDoFVQTpM6BOb2RjiHpcaUh+cj4vxa0dwxBc3\
            k1w5f4RGZUpZhczF6TNhfylop44HSO59QX1wXGRQ5DTQ6euxBm4hHoK0qTyc79bkV2ZQ+H4+AfwlOEPHSuGyChaB96gxeeytAsjr\
            3gtF6L5BOYKyB2Dw/z7b9V2fg6oiV1w6nYFPchQyp0NHD62OrL0nRYrAW20CAwEAAaNTMFEwHQYDVR0OBBYEFCeYtIf/WZlhWP6O\
            BgmOHRBfbnL8MB8GA1UdIwQYMBaAFCeYtIf/WZlhWP6OBgmOHRBfbnL8MA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQAD\
            ggEBAHM06mlqXPa2t/ET6hd61TBfcFUlaf8J9Qbawvz9Erb1P4ZnJn0Ey2GBio3hSGzOUJzN1aJf6lB52mXsGWi0qEttmrvNrEoK\
            sqO40z8nP26cbQJwx470FfV/eL8C+KrGCzCjImd6XUY0Fx3SchXWHNPmryt1Z7eQvJVdg3kPYNJhWsprY/Lgtr95XFONpBWD1Y3p\
            TSeg36eOnvTsbyzc01ChK4hJSUE5mHGxLnFrkbym6+fcCcjOLLMHba+c7mZ7RMBTnxQB1I5dtr3VW2MgR+y9m3HLR5hBFPAFdRxH\
            k0IrEGU9XB4n3U5uHzgkMXjvOivRM9EdEsN8h8MdlIi72rY=
            """)
    /// Its SubjectPublicKeyInfo.
    static let rsaKey = Data(
        base64Encoded: """
            MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA4OAxpVxBgg+/qhVJ2pk5nqNPkTJmdDVp0MWUCmJ4oSUpoYDU7k91xn+n\
            sYFU4F2he/r4TWS3mvqprDYZZegj634YrVEjsc79Cnf2J0Ml0Vn+PrtUzvK23RFDMUGJDz1OgigvYpA4X2q6RSRFv4cOgVVBOkzo\
            E5vZGOIelxpSH5yPi/FrR3DEFzeTXDl/hEZlSlmFzMXpM2F/KWinjgdI7n1BfXBcZFDkNNDp67EGbiEegrSpPJzv1uRXZlD4fj4B\
            /CU4Q8dK4bIKFoH3qDF57K0CyOveC0XovkE5grIHYPD/Ptv1XZ+DqiJXXDqdgU9yFDKnQ0cPrY6svSdFisBbbQIDAQAB
            """)
    /// Its key as PKCS #1.
    static let rsaPkcs1 = Data(
        base64Encoded: """
            MIIBCgKCAQEA4OAxpVxBgg+/qhVJ2pk5nqNPkTJmdDVp0MWUCmJ4oSUpoYDU7k91xn+nsYFU4F2he/r4TWS3mvqprDYZZegj634Y\
            rVEjsc79Cnf2J0Ml0Vn+PrtUzvK23RFDMUGJDz1OgigvYpA4X2q6RSRFv4cOgVVBOkzoE5vZGOIelxpSH5yPi/FrR3DEFzeTXDl/\
            hEZlSlmFzMXpM2F/KWinjgdI7n1BfXBcZFDkNNDp67EGbiEegrSpPJzv1uRXZlD4fj4B/CU4Q8dK4bIKFoH3qDF57K0CyOveC0Xo\
            vkE5grIHYPD/Ptv1XZ+DqiJXXDqdgU9yFDKnQ0cPrY6svSdFisBbbQIDAQAB
            """)
    /// Its modulus.
    static let rsaModulus = Data(
        base64Encoded: """
            4OAxpVxBgg+/qhVJ2pk5nqNPkTJmdDVp0MWUCmJ4oSUpoYDU7k91xn+nsYFU4F2he/r4TWS3mvqprDYZZegj634YrVEjsc79Cnf2\
            J0Ml0Vn+PrtUzvK23RFDMUGJDz1OgigvYpA4X2q6RSRFv4cOgVVBOkzoE5vZGOIelxpSH5yPi/FrR3DEFzeTXDl/hEZlSlmFzMXp\
            M2F/KWinjgdI7n1BfXBcZFDkNNDp67EGbiEegrSpPJzv1uRXZlD4fj4B/CU4Q8dK4bIKFoH3qDF57K0CyOveC0XovkE5grIHYPD/\
            Ptv1XZ+DqiJXXDqdgU9yFDKnQ0cPrY6svSdFisBbbQ==
            """)
    /// SHA-256 of `p256Key`.
    static let p256Pin = "sXE/+qBaSH6SgPOW72/wxKnuFOqK5TUY0B6RuT8kElo="
    /// SHA-256 of `rsaKey`.
    static let rsaPin = "ypk1z3ey26LdkJqqM8/VFvi4GXb7PKhsrkkvMtumDGA="
}
