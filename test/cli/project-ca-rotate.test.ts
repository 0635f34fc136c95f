import { describe, expect, it } from '@jest/globals';
import { commandLine } from '../support/command-line.js';
import { startTestGateway } from '../support/gateway.js';
import type { TestGateway } from '../support/gateway.js';
import { authoritiesOf, openService } from '../support/services.js';
import { everleaf } from './everleaf.js';

function textsOf({ settings }: TestGateway) {
  return async (words: string) => {
    const { code, stdout, stderr } = await everleaf(settings, ...words.split(' '));
    return { code, said: stdout + stderr };
  };
}

describe('everleaf ca rotate --project', () => {
  it('leads from one CA of a project to the next, in words', async () => {
    const { gateway } = await openService(await startTestGateway());
    await gateway.database.db
      .updateTable('authorities')
      .set(({ eb }) => ({ created_at: eb('created_at', '-', 3600) }))
      .execute();
    const text = textsOf(gateway);
    const [{ id: old } = { id: '' }] = await authoritiesOf(gateway, 'p1');

    const prepared = await text('ca rotate prepare --project p1');
    const next = (await authoritiesOf(gateway, 'p1')).at(-1)?.id ?? '';
    expect(prepared).toEqual({
      code: 0,
      said: `Authority ${next} (O=Everleaf,CN=p1 Project CA 2) is prepared: the download of the project's CA holds both from now on, the present one first; the new one signs nothing yet.\nAnnounced to 1 recipient.\nLet every service trust both, then for each: everleaf service trust-updated p1 SERVICE --phase 1\nThen: everleaf ca rotate activate --project p1\n`,
    });
    expect(await text('ca rotate activate --project p1')).toEqual({
      code: 1,
      said: `everleaf: Authority ${next} cannot become active: these services have not reported that they trust it: kafka-1. Let each trust both CAs, then \`everleaf service trust-updated p1 SERVICE --phase 1\`; \`--force\` activates it all the same.\n`,
    });
    const report = await text('service trust-updated p1 kafka-1 --phase 1');
    expect(report.said).toBe(
      'The service kafka-1 trusts both CAs of the project.\neverleaf ca rotate --project p1 shows what comes next.\n',
    );
    const ready = await text('ca rotate --project p1');
    expect(ready.said).toMatch(/^Phase TRUSTING\n\nID +STATE/);
    expect(ready.said).toMatch(new RegExp(`^SERVICE  UPDATE  PRESENTS\nkafka-1  1 +${old}$`, 'm'));
    expect(ready.said).toMatch(/\nNext: everleaf ca rotate activate --project p1\n$/);

    const activated = await text('ca rotate --project p1 activate');
    expect(activated.said).toContain(`Authority ${next} is active: new users, resets`);
    const shown = await text('ca rotate --project p1');
    expect(shown.said).toContain('Phase NEW_ACTIVE');
    expect(shown.said).toContain('still valid: 1, of kafka-1/avnadmin\nNext: renew or reset');
  });

  it('answers scripts in JSON, and says what comes next in every phase', async () => {
    const { asRoot, gateway } = await openService(await startTestGateway());
    const command = <Answer>(words: string) => commandLine<Answer>(gateway, words);
    const next = async () =>
      (await command<{ phase: string; next: string }>('ca rotate --project p1')).next;
    gateway.clock.advance(3600);
    expect(await next()).toContain('ca rotate prepare --project p1 begins a roll-over');
    const { id, told } = await command<{ id: string; told: number }>(
      'ca rotate prepare --project p1 --activate-at 30d --key-type ec-p384 --validity 365d',
    );
    expect(told).toBe(1);
    expect(await next()).toContain('let every service trust both CAs');
    const report = 'service trust-updated p1 kafka-1 --phase';
    expect(await command(`${report} 1`)).toMatchObject({ isNew: true });
    expect(await command(`${report} 1`)).toMatchObject({ isNew: false });
    expect(await command('ca rotate activate --project p1 --at none')).toMatchObject({ at: null });
    expect(await command('ca rotate activate --project p1')).toEqual({
      id,
      step: 'activate',
      leftBehind: { services: [], users: [] },
    });
    await command(`${report} 2`);
    expect(await next()).toContain('everleaf user renew');
    await asRoot('delete', '/v1/project/p1/service/kafka-1').expect(200);
    expect(await next()).toBe('Next: everleaf ca rotate retire --project p1');
    gateway.clock.advance(60);
    await command('ca rotate retire --project p1');
    expect(await next()).toContain('begins another roll-over');
  });

  it('says what is wrong, and changes nothing', async () => {
    const { gateway } = await openService(await startTestGateway());
    for (const [words, code, sentence] of [
      ['ca rotate --project none', 1, 'There is no project none'],
      ['ca rotate activate ab --project p1', 1, 'p1 has no authority ab'],
      ['service trust-updated p1 none --phase 1', 1, 'everleaf service list p1'],
      ['service trust-updated p1 kafka-1', 2, "required option '--phase <phase>'"],
      ['ca rotate activate --force', 2, '--force needs --project'],
      ['ca rotate prepare --project p1 --cert-file a --key-file b', 2, 'leave the files out'],
    ] as const) {
      const answer = await textsOf(gateway)(words);
      expect(answer).toEqual({ code, said: expect.stringContaining(sentence) });
    }
    await expect(commandLine(gateway, 'ca rotate activate --project p1')).rejects.toThrow(
      'No authority of p1 is prepared',
    );
    expect(await authoritiesOf(gateway, 'p1')).toHaveLength(1);
  });
});
