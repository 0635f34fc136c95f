import { hasCertificates } from '../credentials/service.js';
import type { Service } from '../credentials/service.js';
import type { Access, AclEntry } from './access.js';

type Broker = Pick<Service, 'type' | 'userConfig' | 'host' | 'port'>;

/**
 * A POSIX shell script that gives the service user of an access its rights, or takes them away, by the tool that comes
 * with Kafka. Without a broker on record it asks for the address and takes the clients for holders of certificates.
 */
export function writeAclScript(access: Access, broker: Broker | undefined): string {
  const { name, id, user } = access;
  const subject = subjectPrincipal(user);
  const plain = `User:${user.username}`;
  const principal = !broker || hasCertificates(broker) ? subject : plain;
  const server = broker && broker.host !== '' ? `${broker.host}:${String(broker.port)}` : '';
  return `#!/bin/sh
# The Kafka ACLs of the access ${name} (${id}): literal topics, nothing else.
# Brokers know a client with a certificate by its subject (RFC 2253):
#   ${subject}
# unless their ssl.principal.mapping.rules make something else of it; with SASL they know it by its name:
#   ${plain}
# If yours use another one than the default below, give it with --principal.
# Read and Write include Describe. A consumer also needs Read on its group, which no access gives.
set -eu

# shellcheck disable=SC2016 # a name may look like an expansion, and is none
default_principal=${quote(principal)}
default_bootstrap_server=${quote(server)}
${steps}
${changesOf(access.acls).join('\n')}
`;
}

/** The same for every access: reads the command line, and knows how to change what stands below it. */
const steps = `principal=\${KAFKA_PRINCIPAL:-}
bootstrap_server=\${KAFKA_BOOTSTRAP_SERVER:-}
command_config=\${KAFKA_COMMAND_CONFIG:-}

usage() {
  cat <<'END'
Usage: sh kafka-acls.sh apply|remove [OPTION]...
Gives a service user its rights on topics, or takes them away. Doing it twice changes nothing.
Run remove before you delete the access: afterwards nobody has this script.

  --bootstrap-server HOST:PORT  a broker (or KAFKA_BOOTSTRAP_SERVER)
  --command-config FILE         how an administrator connects to it (or KAFKA_COMMAND_CONFIG)
  --principal PRINCIPAL         whom the brokers take the client for (or KAFKA_PRINCIPAL)
  -h, --help                    this text

KAFKA_ACLS names the tool where kafka-acls.sh and kafka-acls are not on the PATH.
END
  printf '\\nThe default principal is %s\\n' "$default_principal"
  printf 'The default broker is %s\\n' "\${default_bootstrap_server:-not known}"
}

fail() {
  printf 'kafka-acls.sh: %s\\n' "$1" >&2
  exit "$2"
}

step=
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      usage
      exit 0
      ;;
    apply | remove)
      [ -z "$step" ] || fail 'give apply or remove, once' 2
      step=$1
      shift
      ;;
    --bootstrap-server | --command-config | --principal)
      [ $# -gt 1 ] || fail "$1 needs a value" 2
      case $1 in
        --bootstrap-server) bootstrap_server=$2 ;;
        --command-config) command_config=$2 ;;
        --principal) principal=$2 ;;
      esac
      shift 2
      ;;
    *) fail "$1 is not known: see -h" 2 ;;
  esac
done
[ -n "$step" ] || fail 'say apply or remove: see -h' 2
principal=\${principal:-$default_principal}
[ "$principal" != 'User:*' ] || fail 'User:* is everybody: give another --principal' 2
bootstrap_server=\${bootstrap_server:-$default_bootstrap_server}
[ -n "$bootstrap_server" ] || fail 'give --bootstrap-server HOST:PORT' 2

kafka_acls=\${KAFKA_ACLS:-}
for tool in kafka-acls.sh kafka-acls; do
  [ -n "$kafka_acls" ] || kafka_acls=$(command -v "$tool" || true)
done
[ -n "$kafka_acls" ] || fail 'kafka-acls.sh is not on the PATH: let KAFKA_ACLS name it' 1

# change OPERATION HOST TOPIC...
change() {
  operation=$1
  host=$2
  shift 2
  for topic do
    set -- "$@" --topic "$topic"
    shift
  done
  if [ "$step" = apply ]; then
    set -- --add "$@"
  else
    set -- --remove --force "$@"
  fi
  if [ -n "$command_config" ]; then
    set -- --command-config "$command_config" "$@"
  fi
  "$kafka_acls" --bootstrap-server "$bootstrap_server" "$@" --resource-pattern-type literal \\
    --allow-principal "$principal" --allow-host "$host" --operation "$operation"
}`;

/** Java names a subject so, the last part first; it escapes `#`, too. The other names have nothing to escape. */
function subjectPrincipal({ username, service, project }: Access['user']): string {
  return `User:CN=${username.replaceAll('#', '\\#')},OU=${service},O=${project}`;
}

/** One call for all topics that share operation and host. */
function changesOf(acls: readonly AclEntry[]): string[] {
  const topics = new Map<string, string[]>();
  for (const { operation, host, resourceName } of acls) {
    const call = `change ${operation} ${quote(host)}`;
    topics.set(call, [...(topics.get(call) ?? []), quote(resourceName)]);
  }
  return Array.from(topics, ([call, names]) => [call, ...names].join(' '));
}

/** One word of the shell, whatever is in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
