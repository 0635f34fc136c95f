import type { ProjectRole } from '../../src/storage/schema.js';
import { addPerson } from '../people/person.js';
import type { Person } from '../people/person.js';
import { signIn } from './console.js';
import type { Visitor } from './console.js';
import type { TestGateway } from './gateway.js';
import { openService } from './services.js';
import type { ServiceHouse } from './services.js';

/** The pages of the user `app` of `p1`/`kafka-1`. */
export const usersPage = '/projects/p1/services/kafka-1/users';
export const appPage = `${usersPage}/app`;

/** `p1` with `kafka-1` and its user `app`, and members who can sign in. */
export interface ConsoleHouse extends ServiceHouse {
  readonly addVisitor: (role: ProjectRole) => Promise<Person>;
  readonly visitAs: (role: ProjectRole) => Promise<Visitor>;
}

/** In a gateway that runs. */
export async function openConsoleHouse(gateway: TestGateway): Promise<ConsoleHouse> {
  const house = await openService(gateway);
  await house
    .asRoot('post', '/v1/project/p1/service/kafka-1/user', { username: 'app' })
    .expect(200);
  const addVisitor: ConsoleHouse['addVisitor'] = async (role) => {
    const person = await addPerson(gateway, `${role}@console.example.com`);
    const invitation = { user_email: person.email, member_type: role };
    await house.asRoot('post', '/v1/project/p1/invite', invitation).expect(200);
    return person;
  };
  const visitAs = async (role: ProjectRole) => signIn(gateway, await addVisitor(role));
  return { ...house, addVisitor, visitAs };
}
