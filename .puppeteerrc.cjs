// Tests look for an installed browser first and fetch one only if there is none (scripts/browser.ts).
module.exports = { skipDownload: true };
