// Sends the page's form to the relying party; without this script the page's button does the same. Plain enough for old
// browsers.
"use strict";
document.getElementById("form-post").submit();
