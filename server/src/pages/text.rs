//! The words of the pages. One file per language would let them drift apart: a missing one does not compile here.

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $english:literal, $french:literal, $arabic:literal;)*) => {
        /// The words of the pages in one language.
        #[derive(Debug)]
        pub struct Text { $($(#[$doc])* pub $name: &'static str,)* }

        /// English.
        pub(super) static EN: Text = Text { $($name: $english,)* };
        /// French.
        pub(super) static FR: Text = Text { $($name: $french,)* };
        /// Arabic.
        pub(super) static AR: Text = Text { $($name: $arabic,)* };
    };
}

texts! {
    /// Title of the login page.
    sign_in: "Sign in", "Connexion", "تسجيل الدخول";
    /// Before the relying party's name.
    to_continue_to: "to continue to", "pour continuer vers", "للمتابعة إلى";
    /// Link to what the relying party does with people's data.
    policy: "Privacy policy", "Politique de confidentialité", "سياسة الخصوصية";
    /// Link to the relying party's terms.
    terms: "Terms of service", "Conditions d’utilisation", "شروط الخدمة";
    /// Alternative text of the relying party's logo.
    logo: "Logo", "Logo", "شعار";
    /// Heading over the QR code.
    with_wallet: "With your wallet", "Avec votre portefeuille", "باستخدام محفظتك";
    /// Under the heading.
    scan: "Scan this code with the wallet app on your phone.",
        "Scannez ce code avec l’application portefeuille de votre téléphone.",
        "امسح هذا الرمز بتطبيق المحفظة على هاتفك.";
    /// Read instead of the picture.
    qr_code: "QR code for your wallet app", "Code QR pour votre application portefeuille", "رمز استجابة سريعة لتطبيق المحفظة";
    /// Link that opens the wallet on this phone.
    open_wallet: "Open the wallet on this device", "Ouvrir le portefeuille sur cet appareil", "افتح المحفظة على هذا الجهاز";
    /// Where to get the wallet.
    get_wallet: "Get the wallet app", "Obtenir l’application portefeuille", "احصل على تطبيق المحفظة";
    /// Button for those without script.
    continue_after_approval: "I have approved it in my wallet", "J’ai approuvé dans mon portefeuille", "لقد وافقت في محفظتي";
    /// Why the QR code must be asked for where the page runs no script.
    no_script: "Without script this code does not change by itself, and it is good for a short time only. Open the scanner of your wallet first, then choose “Show a new code”.",
        "Sans script, ce code ne change pas de lui-même et n’est valable que peu de temps. Ouvrez d’abord le lecteur de votre portefeuille, puis choisissez « Afficher un nouveau code ».",
        "بدون برنامج نصي لا يتغير هذا الرمز تلقائيًا، وهو صالح لفترة قصيرة فقط. افتح الماسح في محفظتك أولاً، ثم اختر «عرض رمز جديد».";
    /// Button for a fresh QR code.
    new_code: "Show a new code", "Afficher un nouveau code", "عرض رمز جديد";
    /// Never act on a code somebody else sent.
    warning: "Only scan a code that you opened yourself on this site. Never scan one that somebody sent you.",
        "Ne scannez qu’un code que vous avez ouvert vous-même sur ce site. Ne scannez jamais un code qu’on vous a envoyé.",
        "لا تمسح إلا رمزًا فتحته بنفسك على هذا الموقع. لا تمسح أبدًا رمزًا أرسله إليك شخص آخر.";
    /// State: nothing scanned yet.
    waiting: "Waiting for your wallet …", "En attente de votre portefeuille…", "في انتظار محفظتك…";
    /// State: scanned.
    scanned: "Code scanned. Continue in your wallet.", "Code scanné. Continuez dans votre portefeuille.", "تم مسح الرمز. تابع في محفظتك.";
    /// Before the number that is to be typed into the wallet.
    type_number: "Type this number in your wallet:", "Saisissez ce nombre dans votre portefeuille :", "اكتب هذا الرقم في محفظتك:";
    /// State: person proven, consent awaited.
    authenticated: "Review the request in your wallet and approve it.", "Vérifiez la demande dans votre portefeuille et approuvez-la.", "راجع الطلب في محفظتك ووافق عليه.";
    /// State: approved.
    approved: "Approved. You are being sent on.", "Approuvé. Redirection en cours.", "تمت الموافقة. جارٍ تحويلك.";
    /// State: denied.
    denied: "The request was denied in the wallet.", "La demande a été refusée dans le portefeuille.", "تم رفض الطلب في المحفظة.";
    /// State: the code is too old.
    expired: "This code has expired.", "Ce code a expiré.", "انتهت صلاحية هذا الرمز.";
    /// State: the whole login is over.
    over: "This sign-in has taken too long. Please start again.", "Cette connexion a pris trop de temps. Veuillez recommencer.", "استغرق تسجيل الدخول وقتًا طويلاً. يرجى البدء من جديد.";
    /// State: the server cannot be reached.
    offline: "No connection. Trying again …", "Pas de connexion. Nouvel essai…", "لا يوجد اتصال. جارٍ إعادة المحاولة…";
    /// Button that reloads the page.
    start_again: "Start again", "Recommencer", "البدء من جديد";
    /// Between the ways to sign in.
    or: "or", "ou", "أو";
    /// Heading over the form for a one-time password.
    with_otp: "With a one-time code", "Avec un code à usage unique", "باستخدام رمز لمرة واحدة";
    /// Heading over the form for a PIN.
    with_pin: "With your PIN", "Avec votre code PIN", "باستخدام رقمك السري";
    /// Label of the field for UIN and the like.
    individual_id: "Your ID number", "Votre numéro d’identité", "رقم هويتك";
    /// Legend of the channels.
    send_by: "Send the code by", "Envoyer le code par", "أرسل الرمز عبر";
    /// Channel.
    email: "Email", "E-mail", "البريد الإلكتروني";
    /// Channel.
    phone: "Text message", "SMS", "رسالة نصية";
    /// Button.
    send_code: "Send the code", "Envoyer le code", "أرسل الرمز";
    /// Before the masked addresses.
    sent_to: "If this ID is registered, a code was sent to", "Si ce numéro est enregistré, un code a été envoyé à", "إذا كان هذا الرقم مسجلاً، فقد أُرسل رمز إلى";
    /// Label.
    otp: "One-time code", "Code à usage unique", "الرمز لمرة واحدة";
    /// Label.
    pin: "PIN", "Code PIN", "الرقم السري";
    /// Button.
    sign_in_button: "Sign in", "Se connecter", "تسجيل الدخول";
    /// Button back to the first page.
    other_way: "Sign in another way", "Se connecter autrement", "تسجيل الدخول بطريقة أخرى";
    /// Button.
    cancel: "Cancel", "Annuler", "إلغاء";
    /// Before the name of who is logged in.
    signed_in_as: "You are signed in as", "Vous êtes connecté en tant que", "أنت مسجَّل الدخول باسم";
    /// Where no name is known.
    signed_in: "You are signed in in this browser.", "Vous êtes connecté dans ce navigateur.", "أنت مسجَّل الدخول في هذا المتصفح.";
    /// Button: as who is logged in.
    continue_as: "Continue", "Continuer", "متابعة";
    /// Button: as somebody else.
    other_account: "Sign in as somebody else", "Se connecter avec une autre identité", "تسجيل الدخول بهوية أخرى";
    /// Title of a page that goes to the relying party by itself.
    sending_back: "You are being sent back to the service.", "Vous êtes renvoyé vers le service.", "تتم إعادتك إلى الخدمة.";
    /// What a relying party may do while the person is away.
    offline_access: "keep its access while you are away", "conserver son accès en votre absence", "الاحتفاظ بوصوله في غيابك";
    /// Title of the consent page.
    consent: "Your consent", "Votre consentement", "موافقتك";
    /// Behind the relying party's name.
    asks_for: "asks for the following information about you.", "demande les informations suivantes à votre sujet.", "يطلب المعلومات التالية عنك.";
    /// Legend.
    essential: "Required", "Obligatoire", "إلزامي";
    /// Legend.
    voluntary: "Optional: share only what you want", "Facultatif : ne partagez que ce que vous voulez", "اختياري: شارك ما تريده فقط";
    /// Legend.
    scopes: "It would also like to", "Il souhaite également", "ويرغب أيضًا في";
    /// Button.
    allow: "Allow and continue", "Autoriser et continuer", "السماح والمتابعة";
    /// Button.
    deny: "Deny", "Refuser", "رفض";
    /// Error: wrong PIN, OTP or person; never which.
    auth_failed: "That did not work. Check your ID number and the code, then try again.",
        "Cela n’a pas fonctionné. Vérifiez votre numéro d’identité et le code, puis réessayez.",
        "لم ينجح ذلك. تحقق من رقم هويتك والرمز ثم حاول مرة أخرى.";
    /// Error: something is missing or malformed.
    check_input: "Please check what you entered.", "Veuillez vérifier votre saisie.", "يرجى التحقق مما أدخلته.";
    /// Error: locked.
    no_attempts_left: "Too many attempts. Please try again later.", "Trop de tentatives. Veuillez réessayer plus tard.", "محاولات كثيرة جدًا. يرجى المحاولة لاحقًا.";
    /// Error: no OTP could be sent.
    send_failed: "The code could not be sent. Try another channel.", "Le code n’a pas pu être envoyé. Essayez un autre canal.", "تعذر إرسال الرمز. جرّب قناة أخرى.";
    /// Error: no more QR codes for this transaction.
    no_more_codes: "No more codes can be shown for this sign-in.", "Plus aucun code ne peut être affiché pour cette connexion.", "لا يمكن عرض المزيد من الرموز لهذا الدخول.";
    /// Before the forms of a first factor.
    first_factor: "This service asks who you are before it shows the code for your wallet.",
        "Ce service vous demande qui vous êtes avant d’afficher le code pour votre portefeuille.",
        "تطلب هذه الخدمة معرفة هويتك قبل عرض الرمز لمحفظتك.";
    /// Button after a first factor.
    show_code: "Show the code for my wallet", "Afficher le code pour mon portefeuille", "اعرض الرمز لمحفظتي";
    /// A second wallet tried to claim the code.
    scanned_twice: "Somebody else scanned this code too. If nobody beside you did, choose “Deny” in your wallet and cancel here.",
        "Quelqu’un d’autre a aussi scanné ce code. Si personne à côté de vous ne l’a fait, refusez dans votre portefeuille et annulez ici.",
        "قام شخص آخر أيضًا بمسح هذا الرمز. إذا لم يفعل ذلك أحد بجانبك، فاختر الرفض في محفظتك وألغِ هنا.";
    /// The wallet has not answered yet.
    not_yet: "Your wallet has not approved it yet.", "Votre portefeuille n’a pas encore approuvé.", "لم توافق محفظتك بعد.";
    /// Title of error pages.
    problem: "This does not work", "Cela ne fonctionne pas", "هذا لا يعمل";
    /// The authorization request cannot be trusted.
    bad_request: "The service that sent you here made a request that cannot be accepted. Go back and try again.",
        "Le service qui vous a envoyé ici a fait une demande qui ne peut pas être acceptée. Revenez en arrière et réessayez.",
        "أرسلت الخدمة التي أحالتك إلى هنا طلبًا لا يمكن قبوله. ارجع وحاول مرة أخرى.";
    /// No such client.
    unknown_client: "The service that sent you here is not known. Go back and try again.",
        "Le service qui vous a envoyé ici n’est pas connu. Revenez en arrière et réessayez.",
        "الخدمة التي أحالتك إلى هنا غير معروفة. ارجع وحاول مرة أخرى.";
    /// The redirect URI is missing or not the client's.
    bad_redirect_uri: "The service that sent you here named an address to return to that is not its own. You were not sent there.",
        "Le service qui vous a envoyé ici a indiqué une adresse de retour qui n’est pas la sienne. Vous n’y avez pas été envoyé.",
        "ذكرت الخدمة التي أحالتك إلى هنا عنوانًا للعودة ليس عنوانها. لم تتم إحالتك إليه.";
    /// The request object cannot be accepted.
    bad_request_object: "The service that sent you here made a signed request that cannot be accepted. Go back and try again.",
        "Le service qui vous a envoyé ici a fait une demande signée qui ne peut pas être acceptée. Revenez en arrière et réessayez.",
        "أرسلت الخدمة التي أحالتك إلى هنا طلبًا موقّعًا لا يمكن قبوله. ارجع وحاول مرة أخرى.";
    /// The reference to a request leads nowhere.
    bad_request_uri: "The request of the service that sent you here is no longer valid or cannot be read. Go back and try again.",
        "La demande du service qui vous a envoyé ici n’est plus valable ou ne peut pas être lue. Revenez en arrière et réessayez.",
        "لم يعد طلب الخدمة التي أحالتك إلى هنا صالحًا أو لا يمكن قراءته. ارجع وحاول مرة أخرى.";
    /// The transaction is over or another browser's.
    gone: "This sign-in is no longer valid. Go back to the service and start again.",
        "Cette connexion n’est plus valable. Revenez au service et recommencez.",
        "لم يعد تسجيل الدخول هذا صالحًا. ارجع إلى الخدمة وابدأ من جديد.";
    /// The wallet's link was opened elsewhere.
    foreign_browser: "This sign-in was begun in another browser. Open the link there. If you did not begin it yourself, \
        somebody sent you the request: nobody was signed in. Report it in your wallet.",
        "Cette connexion a été commencée dans un autre navigateur. Ouvrez-y le lien. Si vous ne l’avez pas commencée \
        vous-même, quelqu’un vous a envoyé la demande : personne n’a été connecté. Signalez-le dans votre portefeuille.",
        "بدأ تسجيل الدخول هذا في متصفح آخر. افتح الرابط هناك. إذا لم تبدأه بنفسك فقد أرسل إليك شخص ما الطلب، ولم يُسجَّل دخول أحد. أبلغ عنه في محفظتك.";
    /// Button: the code for another device.
    other_device: "Sign in on another device", "Se connecter avec un autre appareil", "تسجيل الدخول بجهاز آخر";
    /// CSRF token missing: usually cookies are off.
    no_cookies: "Your browser did not send the cookies of this page. Allow cookies and start again.",
        "Votre navigateur n’a pas envoyé les cookies de cette page. Autorisez les cookies et recommencez.",
        "لم يرسل متصفحك ملفات تعريف الارتباط لهذه الصفحة. اسمح بها وابدأ من جديد.";
    /// The server is overloaded or its database away.
    unavailable: "The service is not available at the moment. Please try again shortly.",
        "Le service est momentanément indisponible. Veuillez réessayer sous peu.",
        "الخدمة غير متاحة حاليًا. يرجى المحاولة بعد قليل.";
    /// Title of the citizen's page, and its name where it asks for a login.
    account: "Your account", "Votre compte", "حسابك";
    /// Before sign-in.
    account_is_for: "See with whom you share information about you, and end it. Manage your wallets.",
        "Voyez avec qui vous partagez des informations à votre sujet, et mettez-y fin. Gérez vos portefeuilles.",
        "اطّلع على الجهات التي تشارك معها معلومات عنك وأوقف ذلك. أدِر محافظك.";
    /// Heading.
    consents: "What you agreed to", "Ce que vous avez accepté", "ما وافقت عليه";
    /// Instead of a list.
    no_consents: "You have agreed to nothing yet.", "Vous n’avez encore rien accepté.", "لم توافق على أي شيء بعد.";
    /// State of a consent.
    consent_stands: "You are sharing information with this service.",
        "Vous partagez des informations avec ce service.",
        "أنت تشارك معلومات مع هذه الخدمة.";
    /// State of a consent.
    consent_ended: "You no longer share anything with this service.",
        "Vous ne partagez plus rien avec ce service.",
        "لم تعد تشارك أي شيء مع هذه الخدمة.";
    /// Button.
    withdraw: "Withdraw consent", "Retirer le consentement", "سحب الموافقة";
    /// Summary of the receipts.
    receipts: "Receipts", "Reçus", "الإيصالات";
    /// Instead of claims and scopes.
    nothing_shared: "nothing but that it was you", "rien, sinon que c’était vous", "لا شيء سوى أنك أنت";
    /// Of a receipt.
    signed: "Signed by your wallet.", "Signé par votre portefeuille.", "موقّع بمحفظتك.";
    /// Of a receipt.
    unsigned: "Not signed.", "Non signé.", "غير موقّع.";
    /// Before a time.
    withdrawn: "Withdrawn:", "Retiré :", "سُحبت:";
    /// Before a time.
    ends: "Ends:", "Prend fin :", "تنتهي:";
    /// Heading.
    devices: "Your wallets", "Vos portefeuilles", "محافظك";
    /// Instead of a list.
    no_devices: "No wallet is bound to you.", "Aucun portefeuille ne vous est lié.", "لا توجد محفظة مرتبطة بك.";
    /// Before a time.
    bound_since: "Bound:", "Lié :", "مرتبطة منذ:";
    /// Where a wallet's key lives.
    in_hardware: "Its key is kept in the phone’s hardware, as the phone’s maker attests.",
        "Sa clé est conservée dans le matériel du téléphone, comme l’atteste le fabricant.",
        "مفتاحها محفوظ في عتاد الهاتف، بشهادة الشركة المصنّعة.";
    /// Where a wallet's key lives.
    in_software: "Its key is kept in the phone’s operating system, as the phone’s maker attests.",
        "Sa clé est conservée dans le système du téléphone, comme l’atteste le fabricant.",
        "مفتاحها محفوظ في نظام تشغيل الهاتف، بشهادة الشركة المصنّعة.";
    /// What stands behind a wallet's key.
    in_app: "A genuine app on a genuine phone keeps its key, as the phone’s maker attests.",
        "Sa clé est gardée par une application authentique sur un téléphone authentique, comme l’atteste le fabricant.",
        "يحفظ مفتاحها تطبيق أصلي على هاتف أصلي، بشهادة الشركة المصنّعة.";
    /// State of a wallet.
    revoked: "Revoked.", "Révoqué.", "أُلغيت.";
    /// Button.
    revoke: "Revoke this wallet", "Révoquer ce portefeuille", "إلغاء هذه المحفظة";
    /// Heading.
    sessions: "Browsers signed in to this page", "Navigateurs connectés à cette page", "المتصفحات المسجَّلة في هذه الصفحة";
    /// Before a time.
    signed_in_since: "Signed in:", "Connecté :", "تسجيل الدخول منذ:";
    /// Which one.
    this_browser: "This browser.", "Ce navigateur.", "هذا المتصفح.";
    /// Button.
    end_session: "Sign out there", "Déconnecter", "تسجيل الخروج هناك";
    /// Button.
    sign_out: "Sign out", "Se déconnecter", "تسجيل الخروج";
    /// Heading.
    logins: "Where you are signed in", "Où vous êtes connecté", "أين سجّلت الدخول";
    /// Instead of a list.
    no_logins: "You are signed in nowhere.", "Vous n’êtes connecté nulle part.", "لست مسجّل الدخول في أي مكان.";
    /// Before names of services.
    signed_in_to: "Services:", "Services :", "الخدمات:";
    /// Title and question of the page that asks whether to sign out.
    logout_ask: "Do you want to sign out?", "Voulez-vous vous déconnecter ?", "هل تريد تسجيل الخروج؟";
    /// Under the question.
    logout_tells: "Other services that you signed in to with this browser may sign you out too.",
        "D’autres services auxquels ce navigateur est connecté peuvent aussi vous déconnecter.",
        "قد تُسجِّل خروجك أيضًا خدمات أخرى سجّلت الدخول إليها بهذا المتصفح.";
    /// Button beside the one that signs out.
    stay: "Stay signed in", "Rester connecté", "البقاء مسجّل الدخول";
    /// After signing out.
    logged_out: "You are signed out.", "Vous êtes déconnecté.", "تم تسجيل خروجك.";
    /// After choosing to stay.
    still_in: "You are still signed in.", "Vous êtes toujours connecté.", "ما زلت مسجّل الدخول.";
    /// A request to sign out that cannot be trusted.
    bad_logout: "The service that sent you here asked to sign you out in a way that cannot be accepted. Nothing has changed.",
        "Le service qui vous a envoyé ici a demandé votre déconnexion d’une manière qui ne peut pas être acceptée. Rien n’a changé.",
        "طلبت الخدمة التي أحالتك إلى هنا تسجيل خروجك بطريقة لا يمكن قبولها. لم يتغير شيء.";
}
