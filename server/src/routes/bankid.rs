//! What only Bank iD's profile has.

use crate::bankid::banks::{self, BankList, BanksQuery};
use crate::bankid::claims::{self, Claims};
use crate::dialect::Mount;
use crate::http::openapi::{Routes, doc};

/// The two claim endpoints with refusals in their bodies, and the list of banks, where the mount has them.
pub(super) fn bankid(mount: Mount) -> Routes {
    let dialect = mount.dialect();
    let (Some(profile), Some(banks)) = (dialect.profile_path, dialect.banks_path) else { return Routes::new() };
    let told = |summary| doc(summary).oauth().login().gives_json::<Claims>().gives("application/jwt");
    Routes::new()
        .get(dialect.userinfo_path, claims::userinfo, told("The basic claims that the person consented to"))
        .get(profile, claims::profile, told("The extended claims that the person consented to"))
        .get(
            banks,
            banks::get,
            doc("The banks, to be shown by a relying party")
                .oauth()
                .login()
                .takes_query::<BanksQuery>()
                .gives_json::<BankList>(),
        )
}
