#!/bin/sh
# `npm run quickstart`: a gateway in a temporary folder, one application paired by token, its certificate renewed
# with openssl and curl, both certificates side by side. Leaves nothing behind.
set -eu
cd "$(dirname "$0")/.."

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then
  bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi

step=0
say() {
  step=$((step + 1))
  printf '  %s%d%s  %s\n' "$bold" "$step" "$plain" "$*"
}

fail() {
  printf '\nquickstart: %s\n' "$1" >&2
  [ -z "${2-}" ] || [ ! -s "$2" ] || sed 's/^/  /' "$2" >&2
  exit 1
}

server='' work=''
leave() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  [ -z "$work" ] || rm -rf "$work"
}
trap leave EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

for tool in openssl curl; do
  command -v "$tool" >/dev/null 2>&1 || fail "$tool is needed and is not on the PATH."
done
# This run has its own settings, whatever the shell has.
for name in $(env | sed -n 's/^\(EVERLEAF_[A-Z0-9_]*\)=.*/\1/p'); do
  unset "$name"
done

printf '\n%sEverleaf quickstart%s: from a token to a renewed client certificate, in a temporary folder.\n\n' "$bold" "$plain"

say 'Set-up: packages and the compiled gateway.'
sh scripts/setup.sh || fail 'the set-up failed: see above.'
everleaf=$PWD/dist/main.js

umask 077
work=$(mktemp -d "${TMPDIR:-/tmp}/everleaf-quickstart.XXXXXX")
EVERLEAF_HOME=$work/home
mkdir "$work/app"
cd "$work/app"
log=$work/gateway.log

# A port that is free now, so that certificates can name where their revocation list is.
pki_port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
export EVERLEAF_HOME
: >"$work/stdout" # there before the first look, however late the gateway's own shell opens it
EVERLEAF_GATEWAY_LISTEN=127.0.0.1:0 EVERLEAF_ADMIN_LISTEN=127.0.0.1:0 \
  EVERLEAF_PKI_LISTEN=127.0.0.1:$pki_port EVERLEAF_PKI_URL=http://localhost:$pki_port \
  node "$everleaf" serve >>"$work/stdout" 2>"$log" &
server=$!
waited=0
until grep -q '^everleaf ready ' "$work/stdout"; do
  kill -0 "$server" 2>/dev/null || fail 'the gateway did not start:' "$log"
  waited=$((waited + 1))
  [ "$waited" -lt 300 ] || fail 'the gateway was not ready within 60 seconds:' "$log"
  sleep 0.2
done
gateway=$(sed -n 's/^everleaf ready gateway=\([^ ]*\).*/\1/p' "$work/stdout")
say "A gateway with its own CA runs on $gateway."

# json FILE PATH: one value of a JSON document, `a.b` for a value inside another.
json() {
  node -e '
    const value = process.argv[2].split(".").reduce((at, key) => at?.[key], JSON.parse(require("fs").readFileSync(process.argv[1])));
    if (typeof value !== "string") process.exit(1);
    process.stdout.write(value);
  ' "$1" "$2" 2>/dev/null || fail "there is no $2 in the answer:" "$1"
}

# ask STATUS FILE [curl options]: the answer goes to FILE; any other status than the expected one ends the run.
ask() {
  expected=$1
  answer=$2
  shift 2
  status=$(curl -q --silent --show-error --max-time 30 --cacert "$EVERLEAF_HOME/ca.crt" \
    --output "$answer" --write-out '%{http_code}' "$@" 2>"$work/curl.log") || fail 'curl failed:' "$work/curl.log"
  [ "$status" = "$expected" ] || fail "the gateway answered $status instead of $expected:" "$answer"
}

# request SUBJECT FILE: a certification request for the application's key.
request() {
  openssl req -new -sha256 -key my-app.key -subj "$1" -out "$2" 2>"$work/openssl.log" ||
    fail 'openssl made no request:' "$work/openssl.log"
}

# The body of both calls: the request as base64 in one line.
body() {
  printf '{"csr":"%s"}' "$(openssl base64 -A -in "$1")"
}

# decode FILE KEY: a certificate out of an answer.
decode() {
  json "$1" "$2" >"$work/base64"
  openssl base64 -d -A -in "$work/base64"
}

node "$everleaf" token create my-app --json >token.json 2>"$work/cli.log" || fail 'no token was made:' "$work/cli.log"
say 'The operator makes an enrolment token for the application "my-app"; it works once, for five minutes.'

token_url=$(json token.json url)
ask 200 info.json "$token_url"
say 'The application shows its token and learns its subject and where to send its request.'

openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out my-app.key 2>/dev/null || fail 'openssl made no key.'
subject=$(json info.json certificate.subject)
csr_url=$(json info.json csrUrl)
info_url=$(json info.json api.infoUrl)
request "/$(printf '%s' "$subject" | tr ',' '/')" first.csr
ask 201 first.json --request POST --data "$(body first.csr)" "$csr_url"
decode first.json clientCrt >first.crt
say 'It makes a key and a certification request, sends the request, and has its first certificate.'

ask 200 management.json --cert first.crt --key my-app.key "$info_url"
renewal_url=$(json management.json urls.renewCertUrl)
say 'Over mutual TLS it reads the management info, which names the renewal URL.'

subject=$(openssl x509 -noout -subject -nameopt compat -in first.crt | sed 's/^subject= *//')
request "$subject" renewal.csr
ask 201 renewed.json --request POST --data "$(body renewal.csr)" --cert first.crt --key my-app.key \
  "$renewal_url"
decode renewed.json clientCrt >renewed.crt
say 'It renews: a new request with the same subject, sent over mutual TLS with its present certificate.'

decode renewed.json caCrt >ca.crt
openssl verify -x509_strict -purpose sslclient -CAfile ca.crt renewed.crt >"$work/verify.log" 2>&1 ||
  fail 'the renewed certificate does not verify:' "$work/verify.log"
say 'openssl verifies the new certificate against the CA.'

# ---- both certificates, side by side ------------------------------------------------------------------------------

field() {
  openssl x509 -noout -nameopt oneline "-$2" -in "$1" | sed -e 's/^[a-zA-Z]*= *//' -e 's/ = /=/g'
}

serial() {
  field "$1" serial | tr 'A-F' 'a-f'
}

row() {
  printf '%s\n' "$2" | fold -s -w 40 >"$work/left"
  printf '%s\n' "$3" | fold -s -w 40 >"$work/right"
  paste "$work/left" "$work/right" | awk -F '\t' -v label="$1" \
    '{ printf "  %-14s  %-41s  %s\n", label, $1, $2; label = "" }'
}

printf '\n%s' "$bold"
row '' 'first certificate' 'renewed certificate'
printf '%s' "$plain"
row 'serial number' "$(serial first.crt)" "$(serial renewed.crt)"
row 'subject' "$(field first.crt subject)" "$(field renewed.crt subject)"
row 'valid from' "$(field first.crt startdate)" "$(field renewed.crt startdate)"
row 'valid until' "$(field first.crt enddate)" "$(field renewed.crt enddate)"
row 'issued by' "$(field first.crt issuer)" "$(field renewed.crt issuer)"

cat <<NEXT

  The first certificate stays valid until it ends or is revoked. Nothing of this run is kept.

${bold}What next${plain}
  npm start                       a gateway that stays, with its home in ./certs
  https://localhost:9443/         its console in a browser; README.md says who signs in first
  README.md                       the same steps by hand, line by line
  sh scripts/renew.sh --help      renewal for cron, with curl and openssl

NEXT
