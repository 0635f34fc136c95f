#!/bin/sh
# Takes the renewed credentials of a service user into use with curl and openssl; made for cron.
# `service-user.sh --help` says all of it. Runs on GNU and BSD userlands, OpenSSL 1.1.1 to 3.x and LibreSSL.
set -eu
umask 077
LC_ALL=C
export LC_ALL

usage() {
  cat <<'HELP'
usage: service-user.sh [options] FOLDER

FOLDER holds service.cert, service.key and ca.pem of a service user, as `everleaf user download` writes them. Asks the
gateway over mutual TLS what there is to do: fetches the renewed pair with the old one, where self-service is on for the
user, puts it in its place, and acknowledges the renewal with the new one.

options
  --cacert FILE    certificates (PEM) that may have issued the gateway's (default: the trust store of this machine)
  --then COMMAND   what makes the clients of this machine use the new pair, such as 'systemctl reload my-app': the
                   renewal is acknowledged only when it has succeeded
  --quiet          say nothing unless something fails
  --help

environment
  EVERLEAF_GATEWAY  the gateway, such as https://gateway.example.com:8443

exit codes
  0  the pair in FOLDER is the current one, and is acknowledged
  1  failed, worth another try: network, a busy or faulty gateway, COMMAND, another run under way
  2  wrong usage, or files that cannot be used
  3  refused for good, a person is needed: self-service is off, the pair was fetched already, an expired or revoked
     certificate, a server that is not trusted, an answer that does not verify

files
  What is fetched is on disk as FOLDER/fetched.json before anything else is touched, because the gateway hands it out
  once; a run that is interrupted is finished by the next. Each file is replaced in one step and is for its owner alone;
  what was before stays as service.cert.prev and service.key.prev.

cron
  23 */6 * * * EVERLEAF_GATEWAY=URL service-user.sh --quiet --cacert ca.crt --then 'systemctl reload my-app' FOLDER
HELP
}

# ---- words for people -------------------------------------------------------------------------------------------

readonly TRY_AGAIN=1 WRONG_USE=2 NEEDS_A_PERSON=3

stop() {
  code=$1
  shift
  printf 'service-user: %s\n' "$*" >&2
  exit "$code"
}

say() {
  [ -n "$quiet" ] || printf 'service-user: %s\n' "$*"
}

# ---- the command line -------------------------------------------------------------------------------------------

quiet='' cacert='' then=''

value_of() {
  [ "$2" -ge 2 ] || stop "$WRONG_USE" "$1 needs a value; see --help"
}

while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --quiet) quiet=yes ;;
    --cacert) value_of "$1" $# && cacert=$2 && shift ;;
    --then) value_of "$1" $# && then=$2 && shift ;;
    --) shift && break ;;
    -*) stop "$WRONG_USE" "unknown option $1; see --help" ;;
    *) break ;;
  esac
  shift
done
if [ $# -ne 1 ]; then
  usage >&2
  exit "$WRONG_USE"
fi
case ${EVERLEAF_GATEWAY-} in
  https://*) gateway=${EVERLEAF_GATEWAY%/}/v1/service-users ;;
  *) stop "$WRONG_USE" 'set EVERLEAF_GATEWAY to the address of the gateway, https://...' ;;
esac
for tool in openssl curl; do
  command -v "$tool" >/dev/null 2>&1 || stop "$WRONG_USE" "$tool is needed and is not on the PATH"
done
if [ -n "$cacert" ]; then
  [ -r "$cacert" ] || stop "$WRONG_USE" "there is no readable file $cacert"
  cacert=$(cd "$(dirname "$cacert")" && pwd -P)/$(basename "$cacert")
fi
start=$PWD
cd "$1" 2>/dev/null || stop "$WRONG_USE" "there is no folder $1"
for one in service.cert service.key ca.pem; do
  [ -r "$one" ] || stop "$WRONG_USE" "there is no readable file $one in $1"
done

# ---- one at a time ----------------------------------------------------------------------------------------------

lock=.service-user.lock
work=.service-user.$$
lock_is_ours=''

leave() {
  [ -z "$lock_is_ours" ] || rm -rf "$work" "$lock"
}
trap leave EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# A link is made in one step together with what it says: who holds the lock.
take_lock() {
  ln -s "process-$$" "$lock" 2>/dev/null || return 1
  lock_is_ours=yes
}

# A run takes a minute or two: a lock of an hour ago was left behind, whoever has the number now.
is_held() {
  kill -0 "${1#process-}" 2>/dev/null && [ -z "$(find "$lock" -prune -mmin +60 2>/dev/null)" ]
}

# Whoever moves a lock away checks that it is still the one that was left behind.
break_lock() {
  mv "$lock" "$lock.$$" 2>/dev/null || return 1
  left=$(readlink "$lock.$$")
  rm -f "$lock.$$"
  [ "$left" = "$1" ]
}

[ -w . ] || stop "$WRONG_USE" "the folder $1 is not writable"
if ! take_lock; then
  holder=$(readlink "$lock" || true)
  if [ -n "$holder" ] && is_held "$holder"; then
    stop "$TRY_AGAIN" "another run is under way in $1 (process ${holder#process-})"
  fi
  if ! break_lock "$holder" || ! take_lock; then stop "$TRY_AGAIN" "another run has just begun in $1"; fi
fi
rm -rf .service-user.[0-9]*
mkdir "$work"

# ---- talking to the gateway -------------------------------------------------------------------------------------

# Names and words in the answers hold neither line breaks nor quotes that are not escaped.
json_field() {
  sed -nE 's/.*"'"$1"'":"(([^"\\]|\\.)*)".*/\1/p' "$2" | sed -e 's|\\u0026|\&|g' -e 's|\\\(.\)|\1|g'
}

# call PATH FILE [curl options]: the answer goes to FILE, its status to $status.
call() {
  to=$gateway/$1
  into=$2
  shift 2
  curl_code=0
  status=$(curl -q --silent --show-error --proto '=https' --connect-timeout 15 --max-time 60 \
    ${cacert:+--cacert "$cacert"} --cert ./service.cert --key ./service.key \
    --output "$into" --write-out '%{http_code}' "$@" "$to" 2>"$work/curl.log") || curl_code=$?
  why=$(sed -n '1s/^curl: *([0-9]*) *//p' "$work/curl.log")
  case $curl_code in
    0) ;;
    51 | 60) stop "$NEEDS_A_PERSON" "the server's certificate is not trusted ($why): see --cacert" ;;
    58 | 77) stop "$WRONG_USE" "$why" ;;
    *) stop "$TRY_AGAIN" "no answer from $to: $why" ;;
  esac
}

# Stops with the gateway's own words.
refused() {
  detail=$(json_field detail "$2")
  text="$1: $status $(json_field error "$2") ($(json_field reason "$2"))${detail:+ $detail}"
  case $status in
    408 | 425 | 429 | 5?? | 2??) stop "$TRY_AGAIN" "$text" ;;
    *) stop "$NEEDS_A_PERSON" "$text" ;;
  esac
}

# ---- files ------------------------------------------------------------------------------------------------------

is_pair() {
  of_certificate=$(openssl x509 -noout -pubkey -in "$1" 2>/dev/null) || return 1
  of_key=$(openssl pkey -pubout -in "$2" 2>/dev/null) || return 1
  [ "$of_certificate" = "$of_key" ]
}

subject_of() {
  openssl x509 -noout -subject -nameopt RFC2253 -in "$1"
}

flush() {
  sync "$1" 2>/dev/null || sync
}

# unpack NAME: a file out of fetched.json, as $work/NAME; nothing where the answer has none.
unpack() {
  sed -nE 's/.*\{"name":"'"$1"'","content":"([A-Za-z0-9+\/=]*)"\}.*/\1/p' fetched.json |
    fold -w 64 | openssl base64 -d >"$work/$1" 2>/dev/null || true
  [ -s "$work/$1" ] || rm -f "$work/$1"
}

# replace NAME [keep]: puts $work/NAME in its place, and keeps what was there. What is there already stays.
replace() {
  if [ ! -e "$work/$1" ] || cmp -s "$work/$1" "$1"; then return 0; fi
  if [ -n "${2-}" ]; then
    cp "$1" "$work/previous" && mv -f "$work/previous" "$1.prev" || return 1
  fi
  chmod 600 "$work/$1" && flush "$work/$1" && mv -f "$work/$1" "$1"
}

fingerprint_of() {
  openssl x509 -noout -fingerprint -sha256 -in "$1"
}

fetch() {
  fingerprint_of service.cert >fetched.for
  call credentials "$work/fetched.json"
  [ "$status" = 200 ] || refused 'the new credentials cannot be fetched' "$work/fetched.json"
  flush "$work/fetched.json"
  mv "$work/fetched.json" fetched.json
}

# Puts what fetched.json holds in its place. It stays until all is done, so that another run may begin anew.
install_fetched() {
  unpack ca.pem
  unpack service.cert
  unpack service.key
  if ! fingerprint_of service.cert | cmp -s - fetched.for && ! cmp -s "$work/service.cert" service.cert; then
    say 'what was fetched before is left out: somebody has put another pair into the folder since'
    rm -f fetched.json fetched.for
    return
  fi
  keep='fetched.json stays for you to look at; nothing was changed'
  key=$work/service.key
  [ -e "$key" ] || key=service.key # its holder made the key
  is_pair "$work/service.cert" "$key" || stop "$NEEDS_A_PERSON" "the fetched certificate does not fit the key: $keep"
  [ "$(subject_of "$work/service.cert")" = "$(subject_of service.cert)" ] ||
    stop "$NEEDS_A_PERSON" "the fetched certificate has another subject: $keep"
  openssl verify -x509_strict -purpose sslclient -CAfile "$work/ca.pem" "$work/service.cert" >"$work/verify.log" 2>&1 ||
    stop "$NEEDS_A_PERSON" "the fetched certificate does not verify ($(tail -n 1 "$work/verify.log")): $keep"
  if ! replace ca.pem || ! replace service.key keep || ! replace service.cert keep; then
    stop "$TRY_AGAIN" 'the new files cannot be written; the next run goes on with fetched.json'
  fi
  flush service.cert
  rm -f fetched.json fetched.for
  say "the pair in $PWD is the new one, valid until $(openssl x509 -noout -enddate -in service.cert | sed 's/^notAfter=//')"
}

acknowledge() {
  if [ -n "$then" ]; then
    (cd "$start" && sh -c "$then") || stop "$TRY_AGAIN" "$then failed: the renewal is not acknowledged"
  fi
  call acknowledgements "$work/answer" --request POST
  [ "$status" = 200 ] || refused 'the renewal cannot be acknowledged' "$work/answer"
  say 'the renewal is acknowledged'
}

# ---- what there is to do ----------------------------------------------------------------------------------------

if [ -e fetched.json ]; then install_fetched; fi
is_pair service.cert service.key || stop "$WRONG_USE" "service.key is not the private key of service.cert in $1"
call me "$work/answer"
[ "$status" = 200 ] || refused 'the gateway does not know this certificate' "$work/answer"
next=$(json_field next "$work/answer")
case $next in
  none) say 'there is nothing to do' ;;
  acknowledge) acknowledge ;;
  fetch)
    fetch
    install_fetched
    acknowledge
    ;;
  *) stop "$NEEDS_A_PERSON" "$(json_field message "$work/answer")" ;;
esac
