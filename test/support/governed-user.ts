import type { Test } from 'supertest';
import type { ServiceUser } from '../../src/credentials/service-user.js';
import { approvedRotation, openGovernance, userPath } from './governance.js';
import type { Governed } from './governance.js';
import { callAsUser, startOn } from './people.js';
import type { UserPair } from './service-user-holder.js';
import { serviceUsersOf } from './services.js';
import type { ShownUser } from './services.js';

/** The service user of an access, seen from the side of its service. */
export interface GovernedUser extends Governed {
  /** As the admin of the project. */
  readonly asRoot: (
    method: 'get' | 'post' | 'put' | 'patch' | 'delete',
    path: string,
    body?: object,
  ) => Test;
  /** As its route shows it. */
  readonly shown: () => Promise<Partial<ShownUser> & { readonly governance_access_id?: string }>;
  /** As the record has it. */
  readonly stored: () => Promise<ServiceUser>;
  /** Has a rotation approved; the path of the request. */
  readonly approve: (body?: Parameters<typeof approvedRotation>[1]) => Promise<string>;
  /** Has credentials revealed, of a request of its own unless one is named. */
  readonly reveal: (path?: string) => Promise<UserPair & { readonly password: string }>;
  /** The access is gone, the user stays. */
  readonly release: () => Promise<void>;
}

/** Opens it on a database, with the pair that the user had before. */
export async function openGovernedUser(database: {
  readonly url: string;
}): Promise<GovernedUser & { readonly old: UserPair }> {
  const governed = await openGovernance(await startOn(database));
  const { gateway, root, rotations, ann, as, access } = governed;
  const { users } = await serviceUsersOf(gateway);
  const asRoot: GovernedUser['asRoot'] = (method, path, body) => {
    const test = callAsUser(gateway, root, method, path);
    return body === undefined ? test : test.send(body);
  };
  const shown = async () => (await asRoot('get', userPath).expect(200)).body.user as ShownUser;
  const approve: GovernedUser['approve'] = (body) => approvedRotation(governed, body);
  const old = await shown();
  return {
    ...governed,
    asRoot,
    shown,
    approve,
    stored: async () => {
      const user = await users.find({ project: 'p1', service: 'kafka-1', username: 'orders' });
      if (!user) throw new Error('there is no such user');
      return user;
    },
    reveal: async (path) => {
      const answer = await rotations(ann, 'post', `${path ?? (await approve())}/reveal`);
      if (answer.status !== 200) throw new Error(`not revealed: ${answer.text}`);
      const { access_cert: certPem, access_key: keyPem, password } = answer.body.credentials;
      return { certPem, keyPem, password };
    },
    release: async () => {
      await as(root, 'delete', `/access/${access}`).expect(200);
    },
    old: { certPem: old.access_cert, keyPem: old.access_key },
  };
}
