import TesseraWallet

/// A server this phone is bound to. The wallet calls it `Binding`, and so does SwiftUI something else.
public typealias BoundServer = TesseraWallet.Binding
