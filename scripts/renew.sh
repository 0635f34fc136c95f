#!/bin/sh
# Renews a client certificate with curl and openssl; made for cron. `renew.sh --help` says all of it.
# Runs on GNU and BSD userlands, OpenSSL 1.1.1 to 3.x and LibreSSL.
set -eu
umask 077
LC_ALL=C
export LC_ALL

usage() {
  cat <<'HELP'
usage: renew.sh [options] CERT KEY [URL]

Renews the client certificate in the file CERT, whose private key is in the file KEY, over mutual TLS.
URL is the renewal URL. Without it the gateway is asked: --info-url, or EVERLEAF_GATEWAY.

options
  --cacert FILE             certificates (PEM) that may have issued the server's
  --ca-sha256 HEX           SHA-256 of the CA certificate that the server presents; `token create` prints it
                            (neither: the trust store of this machine decides)
  --update-cacert           replace the file of --cacert by the CA certificates that come with the renewal, if they
                            lead to the server's certificate: the gateway's CA may then change
  --info-url URL            management info, names the renewal URL; for a runtime .../v1/runtimes/management/info
  --when-due                do nothing before the time that the gateway suggests, which it can bring forward
  --if-expires-within DAYS  do nothing while more days are left (neither: always renew)
  --new-key                 make a new key of the same type (default: keep the key)
  --quiet                   say nothing unless something fails
  --help

environment
  EVERLEAF_GATEWAY          the gateway, such as https://gateway.example.com:8443, where --info-url is not given and
                            URL is not either, or is not enough

exit codes
  0  renewed, or not yet due
  1  failed, worth another try: network, a busy or faulty gateway, another renewal under way
  2  wrong usage, or files that cannot be used
  3  refused for good, a person is needed: expired, revoked, wrong subject, a server that is not trusted,
     an answer that does not verify

files
  Nothing is touched before the answer is verified: the key fits, the subject is the same, the chain holds, it is
  valid now. CERT is replaced in one step and keeps its mode and owner; it receives the whole chain if it held one
  before, else the client certificate alone. The previous certificate stays as CERT.prev.
  With --new-key the new pair is first complete on disk as KEY.new and CERT.new, the old one as KEY.prev and
  CERT.prev; then KEY is replaced, then CERT. The next run finishes what a crash left between the two. A new key
  is readable by its owner alone. With --update-cacert that file is replaced before both.

cron
  17 */6 * * * EVERLEAF_GATEWAY=URL renew.sh --quiet --when-due --cacert ca.crt --update-cacert app.crt app.key
HELP
}

# ---- words for people -------------------------------------------------------------------------------------------

readonly TRY_AGAIN=1 WRONG_USE=2 NEEDS_A_PERSON=3

stop() {
  code=$1
  shift
  printf 'renew: %s\n' "$*" >&2
  exit "$code"
}

say() {
  [ -n "$quiet" ] || printf 'renew: %s\n' "$*"
}

# ---- the command line -------------------------------------------------------------------------------------------

quiet='' cacert='' update_cacert='' pin='' info_url='' when_due='' within='' new_key=''

value_of() {
  [ "$2" -ge 2 ] || stop "$WRONG_USE" "$1 needs a value; see --help"
}

while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --quiet) quiet=yes ;;
    --new-key) new_key=yes ;;
    --when-due) when_due=yes ;;
    --update-cacert) update_cacert=yes ;;
    --cacert) value_of "$1" $# && cacert=$2 && shift ;;
    --ca-sha256) value_of "$1" $# && pin=$2 && shift ;;
    --info-url) value_of "$1" $# && info_url=$2 && shift ;;
    --if-expires-within) value_of "$1" $# && within=$2 && shift ;;
    --) shift && break ;;
    -*) stop "$WRONG_USE" "unknown option $1; see --help" ;;
    *) break ;;
  esac
  shift
done
if [ $# -lt 2 ] || [ $# -gt 3 ]; then
  usage >&2
  exit "$WRONG_USE"
fi
url=${3-}

case $within in
  *[!0-9]* | 0?* | ??????*) stop "$WRONG_USE" '--if-expires-within takes a whole number of days' ;;
esac
if [ -n "$pin" ]; then
  [ -z "$cacert" ] || stop "$WRONG_USE" 'give --cacert or --ca-sha256, not both'
  pin=$(printf '%s' "$pin" | tr -d ': ' | tr 'A-F' 'a-f')
  case $pin in *[!0-9a-f]*) pin= ;; esac
  [ ${#pin} -eq 64 ] || stop "$WRONG_USE" '--ca-sha256 takes 64 hexadecimal digits, with or without colons'
fi
if [ -n "$when_due" ] && [ -n "$within" ]; then
  stop "$WRONG_USE" 'give --when-due or --if-expires-within, not both'
fi
if [ -n "$update_cacert" ] && [ -z "$cacert" ]; then
  stop "$WRONG_USE" '--update-cacert needs --cacert'
fi
asks_info=$when_due
[ -n "$url" ] || asks_info=yes
if [ -n "$asks_info" ] && [ -z "$info_url" ]; then
  [ -n "${EVERLEAF_GATEWAY-}" ] ||
    stop "$WRONG_USE" 'give URL (with --when-due that is not enough) or --info-url, or set EVERLEAF_GATEWAY'
  info_url=${EVERLEAF_GATEWAY%/}/v1/applications/management/info
fi
for one in "${asks_info:+$info_url}" "$url"; do
  case $one in
    '' | https://*) ;;
    *) stop "$WRONG_USE" "$one does not begin with https://" ;;
  esac
done
for tool in openssl curl; do
  command -v "$tool" >/dev/null 2>&1 || stop "$WRONG_USE" "$tool is needed and is not on the PATH"
done

# The absolute path of a file, links followed, so that a link stays a link when the file is replaced.
real_path() {
  path=$1
  hops=0
  while [ -L "$path" ]; do
    hops=$((hops + 1))
    [ "$hops" -le 20 ] || stop "$WRONG_USE" "$1 is a link that leads in a circle"
    target=$(readlink "$path")
    case $target in
      /*) path=$target ;;
      *) path=$(dirname "$path")/$target ;;
    esac
  done
  if [ ! -f "$path" ] || [ ! -r "$path" ]; then stop "$WRONG_USE" "there is no readable file $1"; fi
  folder=$(cd "$(dirname "$path")" && pwd -P)
  printf '%s/%s' "${folder%/}" "$(basename "$path")"
}

cert=$(real_path "$1") || exit "$WRONG_USE"
key=$(real_path "$2") || exit "$WRONG_USE"
[ -z "$cacert" ] || cacert=$(real_path "$cacert") || exit "$WRONG_USE"
[ "$cert" != "$key" ] || stop "$WRONG_USE" 'CERT and KEY must be two files'
if grep -q 'ENCRYPTED' "$key"; then
  stop "$WRONG_USE" "$key is protected by a pass phrase, which nobody is there to type"
fi

# ---- one at a time ----------------------------------------------------------------------------------------------

lock=$cert.lock
lock_is_ours=''
work=''

leave() {
  [ -z "$work" ] || rm -rf "$work"
  [ -z "$update_cacert" ] || rm -f "$cacert.new.$$"
  [ -z "$lock_is_ours" ] || rm -f "$lock"
}
trap leave EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

work=$(mktemp -d "$cert.work.XXXXXX") || stop "$WRONG_USE" "the folder of $cert is not writable"

# A link is made in one step together with what it says: who holds the lock.
take_lock() {
  ln -s "process-$$" "$lock" 2>/dev/null || return 1
  lock_is_ours=yes
}

is_running() {
  kill -0 "$1" 2>/dev/null || [ -d "/proc/$1" ]
}

# A renewal takes a minute or two: a lock of an hour ago was left behind, whoever has the number now.
is_held() {
  is_running "${1#process-}" && [ -z "$(find "$lock" -prune -mmin +60 2>/dev/null)" ]
}

# Whoever moves a lock away checks that it is still the one that was left behind.
break_lock() {
  mv "$lock" "$work/old-lock" 2>/dev/null && [ "$(readlink "$work/old-lock")" = "$1" ]
}

if ! take_lock; then
  holder=$(readlink "$lock" || true)
  if [ -n "$holder" ] && is_held "$holder"; then
    stop "$TRY_AGAIN" "another renewal of $cert is under way (process ${holder#process-})"
  fi
  if ! break_lock "$holder" || ! take_lock; then
    stop "$TRY_AGAIN" "another renewal of $cert has just begun"
  fi
fi
for old in "$cert".work.*; do
  [ "$old" = "$work" ] || rm -rf "$old"
done

# ---- certificates and keys --------------------------------------------------------------------------------------

is_pair() {
  of_certificate=$(openssl x509 -noout -pubkey -in "$1" 2>/dev/null) || return 1
  of_key=$(openssl pkey -pubout -in "$2" 2>/dev/null) || return 1
  [ "$of_certificate" = "$of_key" ]
}

# One attribute a line, `NAME=value`, in the certificate's order; a backslash in a value is doubled.
subject_lines() {
  openssl "$1" -noout -subject -nameopt esc_ctrl,utf8,sep_multiline,sname -in "$2" | sed -n 's/^    //p'
}

# The form that `openssl req -subj` takes: /NAME=value/NAME=value, with / and + escaped.
subject_argument() {
  subject_lines x509 "$1" | sed -e 's|[/+]|\\&|g' -e 's|^|/|' | tr -d '\n'
}

serial_of() {
  openssl x509 -noout -serial -in "$1" | sed 's/^serial=//'
}

end_of() {
  openssl x509 -noout -enddate -in "$1" | sed 's/^notAfter=//'
}

make_key_like() {
  text=$(openssl x509 -noout -text -in "$1")
  bits=$(printf '%s\n' "$text" | sed -n 's/.*Public-Key: (\([0-9]*\) bit.*/\1/p' | head -n 1)
  curve=$(printf '%s\n' "$text" | sed -n 's/.*ASN1 OID: *//p' | head -n 1)
  case $text in
    *'Public Key Algorithm: rsaEncryption'*)
      openssl genpkey -algorithm RSA -pkeyopt "rsa_keygen_bits:$bits" ;;
    *'Public Key Algorithm: id-ecPublicKey'*)
      openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:$curve" -pkeyopt ec_param_enc:named_curve ;;
    *'Public Key Algorithm: ED25519'* | *'Public Key Algorithm: Ed25519'*)
      openssl genpkey -algorithm ED25519 ;;
    *) return 1 ;;
  esac 2>/dev/null
}

# ---- files ------------------------------------------------------------------------------------------------------

flush() {
  sync "$1" 2>/dev/null || sync
}

# Writes the content of file $2 as $3, $1.new by default, with mode and owner of $1.
stage() {
  staged=${3:-$1.new}
  cp -p "$1" "$staged" && chmod u+w "$staged" && cat "$2" >"$staged" || return 1
  case $(ls -ld "$1") in -r-*) chmod u-w "$staged" ;; esac
  flush "$staged"
}

keep_previous() {
  rm -f "$1.prev.new"
  cp -p "$1" "$1.prev.new" && mv -f "$1.prev.new" "$1.prev"
}

# Finishes or clears what a crash of an earlier run left. The new pair was complete before KEY was touched.
recover() {
  if [ -f "$cert.new" ] && [ -f "$key.new" ] && is_pair "$cert.new" "$key.new"; then
    keep_previous "$cert" && keep_previous "$key" && mv -f "$key.new" "$key"
  fi
  if [ -f "$cert.new" ] && is_pair "$cert.new" "$key"; then
    mv -f "$cert.new" "$cert"
    say "finished what an interrupted run had left: $cert and $key are the new pair"
  fi
  rm -f "$cert.new" "$key.new"
}

# ---- talking to the gateway -------------------------------------------------------------------------------------

json_field() {
  if command -v jq >/dev/null 2>&1; then
    jq -r ".$1 // empty" "$2" 2>/dev/null || true
  else
    { tr -d '\r\n' <"$2" && echo; } | sed -nE 's/.*"'"${1##*.}"'" *: *"(([^"\\]|\\.)*)".*/\1/p' |
      sed -e 's|\\u0026|\&|g' -e 's|\\u003c|<|g' -e 's|\\u003e|>|g' -e 's|\\\(.\)|\1|g'
  fi
}

# The address and port of a URL, as `openssl s_client -connect` takes them.
address_of() {
  address=${1#https://}
  address=${address%%[/?#]*}
  case $address in
    *\]) address=$address:443 ;;
    *\]:*) ;;
    *:*) ;;
    *) address=$address:443 ;;
  esac
  printf '%s' "$address"
}

# Stores the CA certificate with the pinned SHA-256, out of those that the server presents, as pinned.pem.
fetch_pinned() {
  address=$(address_of "$1")
  name=${address%:*}
  case $name in
    \[*) name= ;;
    *[!0-9.]*) ;;
    *) name= ;; # an address is no server name
  esac
  # shellcheck disable=SC2086 # two words or none
  openssl s_client -connect "$address" ${name:+-servername $name} -showcerts </dev/null >presented 2>s_client.log &
  client=$!
  (sleep 20 && kill "$client") >/dev/null 2>&1 &
  watch=$!
  wait "$client" || true
  kill "$watch" 2>/dev/null || true
  grep -q 'BEGIN CERTIFICATE' presented ||
    stop "$TRY_AGAIN" "$address shows no certificate: $(tail -n 1 s_client.log)"
  awk '/-BEGIN CERTIFICATE-/ { n++; on = 1 } on { print > ("presented-" n ".pem") } /-END CERTIFICATE-/ { on = 0 }' presented
  for one in presented-*.pem; do
    sha256=$(openssl x509 -in "$one" -outform DER 2>/dev/null | openssl dgst -sha256 | sed 's/.*[= ]//')
    if [ "$sha256" = "$pin" ]; then
      mv "$one" pinned.pem
      return
    fi
  done
  stop "$NEEDS_A_PERSON" "none of the certificates that $address presents has the SHA-256 $pin"
}

# call URL [curl options]: the answer goes to `answer`, its status to $status.
call() {
  to=$1
  shift
  curl_code=0
  status=$(curl -q --silent --show-error --proto '=https' --connect-timeout 15 --max-time 60 \
    ${cacert:+--cacert "$cacert"} --cert ./client.pem --key "$key" \
    --header 'Accept: application/json' --dump-header headers --output answer --write-out '%{http_code}' \
    "$@" "$to" 2>curl.log) || curl_code=$?
  why=$(sed -n '1s/^curl: *([0-9]*) *//p' curl.log)
  case $curl_code in
    0) ;;
    51 | 60) stop "$NEEDS_A_PERSON" "the server's certificate is not trusted ($why): see --cacert and --ca-sha256" ;;
    58 | 77) stop "$WRONG_USE" "$why" ;;
    *) stop "$TRY_AGAIN" "no answer from $to: $why" ;;
  esac
}

# Ends the run where the time that the gateway suggests is still to come.
heed_window() {
  start=$(json_field renewal.start answer)
  case $start in
    [0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]*) ;;
    *) stop "$NEEDS_A_PERSON" "$info_url suggests no time for the renewal: see --if-expires-within" ;;
  esac
  if [ "$(date -u +%Y%m%d%H%M%S)" -lt "$(printf '%.19s' "$start" | tr -dc '0-9')" ]; then
    say "$cert is not due: the gateway suggests $start"
    exit 0
  fi
}

# Leaves the file of --cacert alone where it is right already, or where the server's certificate is of another CA.
judge_authorities() {
  if cmp -s authorities.pem "$cacert"; then
    update_cacert=''
    return
  fi
  curl_code=0
  curl -q --silent --proto '=https' --connect-timeout 15 --max-time 60 --cacert authorities.pem \
    --output /dev/null "$url" || curl_code=$?
  case $curl_code in
    0) ;;
    51 | 60)
      update_cacert=''
      printf 'renew: the CA certificates of the answer do not lead to the server: %s stays as it is\n' "$cacert" >&2
      ;;
    *) stop "$TRY_AGAIN" "no answer from $url; nothing was changed" ;;
  esac
}

# Stops with the gateway's own words.
refused() {
  words=$(json_field error answer)
  reason=$(json_field reason answer)
  detail=$(json_field detail answer)
  retry=$(tr -d '\r' <headers | sed -n 's/^[Rr]etry-[Aa]fter: *//p' | tail -n 1)
  text="$1: $status ${words:-no reason given}${reason:+ ($reason)}${detail:+ $detail}${retry:+ Try again in $retry s.}"
  case $status in
    408 | 425 | 429 | 5?? | 2??) stop "$TRY_AGAIN" "$text" ;;
    *) stop "$NEEDS_A_PERSON" "$text" ;;
  esac
}

decode() {
  json_field "$1" answer | fold -w 64 | openssl base64 -d >"$2" 2>/dev/null || true
  grep -q 'BEGIN CERTIFICATE' "$2" || stop "$NEEDS_A_PERSON" "the answer holds no certificate in $1; nothing was changed"
}

# ---- the renewal ------------------------------------------------------------------------------------------------

recover
openssl x509 -noout -in "$cert" 2>/dev/null || stop "$WRONG_USE" "$cert holds no certificate in PEM"
is_pair "$cert" "$key" || stop "$WRONG_USE" "$key is not the private key of $cert"

if [ -n "$within" ] && openssl x509 -noout -checkend "$((within * 86400))" -in "$cert" >/dev/null; then
  say "$cert is not due: valid until $(end_of "$cert")"
  exit 0
fi

cd "$work"
cp "$cert" client.pem # curl cuts a path at its colon: this one has none
if [ -n "$pin" ]; then
  fetch_pinned "${url:-$info_url}"
  cacert=$work/pinned.pem
fi

if [ -n "$asks_info" ]; then
  call "$info_url"
  [ "$status" = 200 ] || refused 'the gateway does not give the management info'
  [ -z "$when_due" ] || heed_window
fi
if [ -z "$url" ]; then
  url=$(json_field urls.renewCertUrl answer)
  case $url in
    https://*) ;;
    *) stop "$NEEDS_A_PERSON" "$info_url names no renewal URL" ;;
  esac
fi

request_key=$key
if [ -n "$new_key" ]; then
  make_key_like client.pem >new.key || stop "$WRONG_USE" "no new key can be made of the type of $cert"
  request_key=$work/new.key
fi

# A configuration of our own: the machine's may be missing, or add to the request.
printf '[req]\ndistinguished_name = names\nstring_mask = utf8only\n[names]\n' >request.cnf
openssl req -new -sha256 -utf8 -config request.cnf -key "$request_key" -subj "$(subject_argument client.pem)" \
  -out request.pem 2>openssl.log || stop "$WRONG_USE" "openssl makes no request: $(tail -n 1 openssl.log)"
subject=$(subject_lines x509 client.pem)
[ "$(subject_lines req request.pem)" = "$subject" ] ||
  stop "$WRONG_USE" "the subject of $cert cannot be written as openssl req -subj takes it"

printf '{"csr":"%s"}' "$(openssl base64 -A -in request.pem)" >body.json
call "$url" --request POST --header 'Content-Type: application/json' --data-binary @body.json
[ "$status" = 201 ] || refused "$cert is not renewed"

decode clientCrt leaf.pem
decode crt chain.pem
decode caCrt authorities.pem
is_pair leaf.pem "$request_key" ||
  stop "$NEEDS_A_PERSON" 'the answer is a certificate for another key; nothing was changed'
is_pair chain.pem "$request_key" ||
  stop "$NEEDS_A_PERSON" 'the chain in the answer does not begin with the certificate; nothing was changed'
[ "$(subject_lines x509 leaf.pem)" = "$subject" ] ||
  stop "$NEEDS_A_PERSON" 'the answer is a certificate with another subject; nothing was changed'
openssl x509 -noout -checkend 0 -in leaf.pem >/dev/null ||
  stop "$NEEDS_A_PERSON" "the answer is a certificate that ended on $(end_of leaf.pem); nothing was changed"
verify() {
  openssl verify -x509_strict -purpose sslclient "$@" -CAfile authorities.pem leaf.pem >>verify.log 2>&1
}
# The second way is for an authority whose root was never given to the gateway.
if ! verify && ! verify -partial_chain; then
  why=$(sed -n 's/.*depth lookup: *//p' verify.log | head -n 1)
  case $why in
    *'not yet valid'*) stop "$TRY_AGAIN" "the answer is not valid yet by this machine's clock; nothing was changed" ;;
  esac
  stop "$NEEDS_A_PERSON" "the chain of the answer does not verify: ${why:-see openssl verify}; nothing was changed"
fi

[ -z "$update_cacert" ] || judge_authorities

# The form stays: a chain where there was one.
content=leaf.pem
[ "$(grep -c 'BEGIN CERTIFICATE' "$cert")" -eq 1 ] || content=chain.pem

before="serial $(serial_of client.pem), until $(end_of client.pem)"
not_written() {
  rm -f "$cert.new" "$key.new"
  stop "$TRY_AGAIN" "the new files cannot be written beside $cert, $key${update_cacert:+ and $cacert}; nothing was changed"
}
stage "$cert" "$content" || not_written
keep_previous "$cert" || not_written
if [ -n "$new_key" ]; then
  stage "$key" new.key || not_written
  chmod go-rwx "$key.new" || not_written
  keep_previous "$key" || not_written
fi
if [ -n "$update_cacert" ]; then
  # Several certificates may share the file: each run has a name of its own for the new one.
  stage "$cacert" authorities.pem "$cacert.new.$$" || not_written
  mv -f "$cacert.new.$$" "$cacert"
  say "replaced $cacert by the CA certificates of the answer"
fi
[ -z "$new_key" ] || mv -f "$key.new" "$key"
mv -f "$cert.new" "$cert"
flush "$cert"
say "renewed $cert: serial $(serial_of "$cert"), valid until $(end_of "$cert") (before: $before)"
