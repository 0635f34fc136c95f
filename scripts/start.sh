#!/bin/sh
# `npm start`: set-up, then the gateway with its defaults, for trying it out on this machine.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh

# Certificates name where their revocation list is. Here that is the local listener, unless told otherwise.
if [ -z "${EVERLEAF_PKI_URL+set}${EVERLEAF_PKI_LISTEN+set}" ]; then
  EVERLEAF_PKI_URL=http://localhost:8080
  export EVERLEAF_PKI_URL
fi
exec node dist/main.js serve "$@"
