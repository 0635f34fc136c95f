import { expect, it } from '@jest/globals';
import { bring, makeRoot } from '../support/authority-files.js';
import { describeOnEachDatabase } from '../support/databases.js';
import { call, createToken, csrBody, pair, renew } from '../support/gateway.js';
import { subjectOf, temporaryHome } from '../support/gateway.js';
import { rowCounts } from '../support/record.js';
import { startReplicas } from '../support/replicas.js';
import { idOf, renewed } from '../support/roll-over.js';
import { makeKey } from '../support/requests.js';
import { commandLine } from '../support/command-line.js';

const sentence = 'The authority that this gateway signs by has been retired or revoked.';

describeOnEachDatabase('a gateway that has not the key of the active authority', (fresh) => {
  it.each([
    ['retired', (old: string) => `ca rotate retire ${old} --force`],
    ['revoked', (old: string) => `ca revoke ${old}`],
  ])('signs by the one before until it is %s, and then hands nothing out', async (_, words) => {
    const [behind, other] = await startReplicas((await fresh()).url);
    const old = await idOf(behind, 'active');
    const root = await makeRoot({ folder: temporaryHome(), name: 'Root' });
    const ahead = await other.restart(bring(root));
    await behind.lookAtAuthorities();
    expect((await renewed(behind, await pair(behind))).issuer).toBe(old);
    const holder = await renewed(ahead, await pair(behind));
    const token = await createToken(behind, 'late');

    behind.clock.advance(60);
    await commandLine(behind, words(old));
    const before = await rowCounts(behind);

    const refusal = { code: 503, reason: 'authority-ending', error: sentence };
    const answer = await renew(behind, holder).expect(503);
    expect(answer.body).toMatchObject(refusal);
    expect(answer.headers['retry-after']).toBe('5');
    const enrolment = call(behind, 'post', `/v1/applications/certificates?token=${token}`);
    const csr = csrBody({ key: makeKey('prime256v1'), subject: subjectOf('late') });
    expect((await enrolment.send(csr)).body).toMatchObject(refusal);
    expect(await rowCounts(behind)).toEqual(before);
    const tokens = await commandLine<readonly { state: string }[]>(behind, 'token list');
    expect(tokens.filter(({ state }) => state === 'open')).toHaveLength(1);
  });
});
