#!/usr/bin/env bash
# Everything that proves the product short of whole stories: types, lint, format, rules, then the real servers.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
failed=0
step() { # step NAME COMMAND...
  local name=$1 start=$SECONDS
  shift
  printf '\n── %s\n' "$name"
  if "$@"; then printf '── %s: ok, %d s\n' "$name" $((SECONDS - start)); else
    printf '── %s: FAILED, %d s\n' "$name" $((SECONDS - start))
    failed=1
  fi
}
npm run --silent build && node out/test/suites/write.js || exit 1
step 'unit tests' npx ava --config ava.suites.config.js
step 'random histories' node --enable-source-maps out/test/canary/histories/main.js
step 'crashes and strange statuses' npx ava 'out/test/proofs/*.test.js'
step 'lint' npm run --silent lint
step 'format' npm run --silent format
step 'parts of the test servers' node out/sandbox/main.js parts etcd kube-apiserver kube-controller-manager kubectl redis-server prometheus
step 'integration tests on real servers' npx ava --config ava.integration.config.js
exit $failed
