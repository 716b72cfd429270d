// Sigstore's verifier as a judge of checkpoints and inclusion proofs.
//
// Reads {"tlog": a TransparencyLogInstance, "entries": [TransparencyLogEntry, ...]} as the JSON of
// Sigstore's protocol buffers; answers for each entry null, or the code and message of its refusal.
// The library's front door also wants a signed artifact of one of Rekor's kinds, which our leaves
// are not; so its step for checkpoint and inclusion is called by itself.
"use strict";

const { TransparencyLogEntry, TrustedRoot } = require("@sigstore/protobuf-specs");
const { toTrustMaterial } = require("@sigstore/verify");
const { verifyTLogInclusion } = require("@sigstore/verify/dist/tlog");

function judged(entry, tlogs) {
  try {
    verifyTLogInclusion(TransparencyLogEntry.fromJSON(entry), tlogs);
    return null;
  } catch (error) {
    return `${error.code}: ${error.message}`;
  }
}

const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const root = TrustedRoot.fromJSON({ tlogs: [given.tlog] });
const { tlogs } = toTrustMaterial(root);
process.stdout.write(JSON.stringify(given.entries.map((entry) => judged(entry, tlogs))));
