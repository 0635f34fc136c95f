import { shellWord } from './letter-text.js';

/** A service user in a command. */
export interface Named {
  readonly project: string;
  readonly service: string;
  readonly username: string;
  /** Of the access that owns it. */
  readonly accessId?: string;
}

/** What to type for one user. */
export function commandsFor(whom: Named): {
  readonly download: string;
  readonly acknowledge: readonly string[];
  /** Where somebody else may have its credentials. */
  readonly alarm: readonly string[];
  readonly rotate: string;
} {
  const project = shellWord(whom.project);
  const service = shellWord(whom.service);
  const username = shellWord(whom.username);
  const options = `--project ${project} --username${isHyphened(whom) ? '=' : ' '}${username} ${service}`;
  return {
    download: `avn service user-creds-download ${options}`,
    acknowledge: [
      `avn service user-creds-acknowledge ${options}`,
      `everleaf user acknowledge ${argumentsFor(whom)}`,
    ],
    alarm: [listCommand(whom), `everleaf user reset ${argumentsFor(whom)}`],
    rotate: `everleaf rotation request ${shellWord(whom.accessId ?? '')} --message 'WHY'`,
  };
}

/** Which certificates a user has, for who may have to revoke them. */
export function listCommand({ project, service, username }: Named): string {
  return `everleaf certificate list --holder ${shellWord(`${project}/${service}/${username}`)}`;
}

/** Project, service and user for a command of everleaf. */
function argumentsFor(whom: Named): string {
  const words = [whom.project, whom.service, whom.username].map(shellWord).join(' ');
  return isHyphened(whom) ? `-- ${words}` : words;
}

/** Such a name is read as an option where nothing says that it is none. */
function isHyphened({ username }: Named): boolean {
  return username.startsWith('-');
}
