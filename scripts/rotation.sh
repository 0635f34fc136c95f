#!/bin/sh
# The whole story of a rotation with curl and jq: asked for by one person, approved by another, revealed once.
# `rotation.sh --help` says all of it. Runs on GNU and BSD userlands, OpenSSL 1.1.1 to 3.x and LibreSSL.
set -eu
umask 077
LC_ALL=C
export LC_ALL

usage() {
  cat <<'HELP'
usage: rotation.sh [options] ACCESS FOLDER

Rotates the credentials of an access as two members of its owner group: Ann asks, Ben is shown the request and approves
exactly that, Ann has the credentials revealed into FOLDER, which is made for her alone. Where Ann and Ben are two people
at two machines, each runs the lines of one of them: every step is one call of curl below.

options
  --cacert FILE        certificates (PEM) that may have issued the gateway's (default: the trust store of this machine)
  --organization ID    of which organization (default: the only one of Ann's)
  --message TEXT       why; Ben reads it (default: 'a rotation with rotation.sh')
  --revoke-old WHEN    keep, after_grace or at_once: what becomes of the old certificates (default: keep)
  --help

environment
  EVERLEAF_ADMIN_URL   the admin listener (default: https://localhost:9443)
  ANN_TOKEN, BEN_TOKEN their tokens, as `everleaf people token EMAIL` makes them; or a file that holds one, in
                       ANN_TOKEN_FILE, BEN_TOKEN_FILE

exit codes
  0  FOLDER holds the new credentials, which fit and verify, and nobody is shown them again
  1  failed or refused: the words of the gateway are on stderr
  2  wrong usage
HELP
}

# ---- words for people -------------------------------------------------------------------------------------------

readonly FAILED=1 WRONG_USE=2

stop() {
  code=$1
  shift
  printf 'rotation: %s\n' "$*" >&2
  exit "$code"
}

say() {
  printf 'rotation: %s\n' "$*"
}

# ---- the command line -------------------------------------------------------------------------------------------

cacert='' organization='' message='a rotation with rotation.sh' revoke_old=keep

value_of() {
  [ "$2" -ge 2 ] || stop "$WRONG_USE" "$1 needs a value; see --help"
}

while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage && exit 0 ;;
    --cacert) value_of "$1" $# && cacert=$2 && shift ;;
    --organization) value_of "$1" $# && organization=$2 && shift ;;
    --message) value_of "$1" $# && message=$2 && shift ;;
    --revoke-old) value_of "$1" $# && revoke_old=$2 && shift ;;
    --) shift && break ;;
    -*) stop "$WRONG_USE" "unknown option $1; see --help" ;;
    *) break ;;
  esac
  shift
done
if [ $# -ne 2 ]; then
  usage >&2
  exit "$WRONG_USE"
fi
access=$1 folder=$2
admin=${EVERLEAF_ADMIN_URL:-https://localhost:9443}
admin=${admin%/}
case $admin in
  https://*) ;;
  *) stop "$WRONG_USE" 'EVERLEAF_ADMIN_URL has to begin with https://: the tokens travel to it' ;;
esac
for tool in openssl curl jq; do
  command -v "$tool" >/dev/null 2>&1 || stop "$WRONG_USE" "$tool is needed and is not on the PATH"
done

# ---- talking to the gateway -------------------------------------------------------------------------------------

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# A token on a command line would stand in the list of processes: curl reads it from a file of the working folder.
keep_token() {
  token=$2
  if [ -z "$token" ] && [ -n "$3" ]; then token=$(cat "$3") || exit "$WRONG_USE"; fi
  case $token in
    '') stop "$WRONG_USE" "the token of $1 is missing; see --help" ;;
    *[![:graph:]]*) stop "$WRONG_USE" "the token of $1 has to be one line without spaces" ;;
  esac
  printf 'Authorization: Bearer %s\n' "$token" >"$work/$1.header"
}

keep_token ann "${ANN_TOKEN-}" "${ANN_TOKEN_FILE-}"
keep_token ben "${BEN_TOKEN-}" "${BEN_TOKEN_FILE-}"
unset ANN_TOKEN BEN_TOKEN token

# call WHO METHOD PATH ANSWER [curl options]: the answer goes to the file ANSWER, its status to $status.
call() {
  who=$1 method=$2 to=$admin/v1/$3 into=$4
  shift 4
  status=$(curl -q --silent --show-error --proto '=https' --connect-timeout 15 --max-time 60 \
    ${cacert:+--cacert "$cacert"} --header "@$work/$who.header" --request "$method" \
    --output "$into" --write-out '%{http_code}' "$@" "$to") || stop "$FAILED" "no answer from $admin"
}

# send WHO PATH ANSWER BODY
send() {
  call "$1" POST "$2" "$3" --header 'Content-Type: application/json' --data-binary "@$4"
}

# want STEP FILE: goes on only where the gateway did as it was asked.
want() {
  [ "$status" = 200 ] || stop "$FAILED" "$1: $status $(jq -r '.message // "no reason given"' "$2" 2>/dev/null || true)"
}

segment() {
  jq -nr --arg text "$1" '$text | @uri'
}

# ---- the story --------------------------------------------------------------------------------------------------

# The answer to the reveal comes once: that it can be kept is looked at first.
[ ! -e "$folder" ] || [ -d "$folder" ] || stop "$WRONG_USE" "$folder is no folder"
if ! mkdir -p "$folder" || [ ! -w "$folder" ]; then stop "$WRONG_USE" "$folder is not writable"; fi
[ -z "$(ls -A "$folder")" ] || stop "$WRONG_USE" "there are files in $folder: name an empty folder, or a new one"
chmod 700 "$folder"

if [ -z "$organization" ]; then
  call ann GET organizations "$work/answer"
  want 'the organization cannot be found' "$work/answer"
  organization=$(jq -r 'if (.organizations | length) == 1 then .organizations[0].organization_id else "" end' "$work/answer")
  [ -n "$organization" ] || stop "$WRONG_USE" 'say which organization with --organization'
fi
rotations=organization/$(segment "$organization")/governance/access/$(segment "$access")/rotations

jq -n --arg message "$message" --arg revoke_old "$revoke_old" '$ARGS.named' >"$work/body"
send ann "$rotations" "$work/asked" "$work/body"
want 'the request is refused' "$work/asked"
rotation=$(jq -r .rotation.rotation_id "$work/asked")
say "Ann has asked for new credentials: request $rotation"

# Ben approves what he is shown, and the digest stands for all of it.
call ben GET "$rotations/$rotation" "$work/shown"
want 'Ben is not shown the request' "$work/shown"
jq -r '.rotation | "rotation: Ben is shown:",
  "  user       \(.project_name)/\(.service_name)/\(.username)",
  "  rights     \([.acls[] | "\(.operation) \(.resource_name)"] | join(", "))",
  "  group      \(.owner_user_group.user_group_name)",
  "  requester  \(.requester_email)",
  "  message    \(.message | @json)",
  "  old ones   \(.revoke_old)"' "$work/shown"
jq '{digest: .rotation.digest}' "$work/shown" >"$work/body"
send ben "$rotations/$rotation/approve" "$work/approved" "$work/body"
want "the approval is refused, and request $rotation stays pending" "$work/approved"
[ "$(jq -r .rotation.state "$work/approved")" = approved ] ||
  stop "$FAILED" "approved, but there are no new credentials: $(jq -r .rotation.failure "$work/approved")"
say 'Ben has approved'

# Straight into the folder: whatever happens from here on, the one answer is on disk.
call ann POST "$rotations/$rotation/reveal" "$folder/revealed.json"
if [ "$status" != 200 ]; then
  mv "$folder/revealed.json" "$work/refused"
  want 'the reveal is refused' "$work/refused"
fi
for name in $(jq -r '.files[].name | select(test("^[A-Za-z0-9_-][A-Za-z0-9._-]*$"))' "$folder/revealed.json"); do
  jq -r --arg name "$name" '.files[] | select(.name == $name) | .content' "$folder/revealed.json" |
    openssl base64 -d -A >"$folder/$name"
done
jq -r .credentials.password "$folder/revealed.json" >"$folder/service.password"

keep="the answer stays in $folder/revealed.json"
of_certificate=$(openssl x509 -noout -pubkey -in "$folder/service.cert") || stop "$FAILED" "no certificate came: $keep"
of_key=$(openssl pkey -pubout -in "$folder/service.key") || stop "$FAILED" "no key came: $keep"
[ "$of_certificate" = "$of_key" ] || stop "$FAILED" "the key does not fit the certificate: $keep"
openssl verify -purpose sslclient -CAfile "$folder/ca.pem" "$folder/service.cert" >"$work/verify.log" 2>&1 ||
  stop "$FAILED" "the certificate does not verify ($(tail -n 1 "$work/verify.log")): $keep"
rm "$folder/revealed.json"
say "the credentials are in $folder, the certificate is valid until $(openssl x509 -noout -enddate -in "$folder/service.cert" | sed 's/^notAfter=//')"

call ann POST "$rotations/$rotation/reveal" "$work/again"
[ "$status" = 410 ] || stop "$FAILED" "a second reveal was answered $status and not refused"
say "a second reveal is refused: $(jq -r .message "$work/again")"
