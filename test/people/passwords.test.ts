import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { comparePassword } from '../../src/people/password-hash.js';
import { drawPassword, hashChosenPassword } from '../../src/people/passwords.js';
import { makeWorkQueue } from '../../src/people/work-queue.js';

const random = (length: number) => randomBytes(length);

describe('a password', () => {
  it('that was chosen is stored at full cost and found again however its letters are spelt', async () => {
    const stored = await hashChosenPassword('cafe\u0301 au lait!!', random);
    expect(stored).toMatch(/^\$scrypt\$ln=17,r=8,p=1\$[\w-]{22}\$[\w-]{43}$/);
    const right = await comparePassword('caf\u00e9 au lait!!', stored, random);
    expect(right).toEqual({ isRight: true, renewed: undefined });
    const wrong = await comparePassword('cafe au lait!!', stored, random);
    expect(wrong).toEqual({ isRight: false, renewed: undefined });
  });

  it('that was drawn is made costlier when it is used, and only then', async () => {
    const { password, passwordHash } = await drawPassword(random);
    const wrong = await comparePassword(`${password}x`, passwordHash, random);
    expect(wrong).toEqual({ isRight: false, renewed: undefined });
    const { isRight, renewed = '' } = await comparePassword(password, passwordHash, random);
    expect([isRight, renewed.slice(0, 14)]).toEqual([true, '$scrypt$ln=17,']);
    expect(await comparePassword(password, renewed, random)).toEqual({
      isRight: true,
      renewed: undefined,
    });
  });

  it('of nobody is never right', async () => {
    expect(await comparePassword('', null, random)).toEqual({
      isRight: false,
      renewed: undefined,
    });
  });

  it('of 11 or 257 characters is refused', async () => {
    for (const password of ['x'.repeat(11), 'x'.repeat(257)])
      await expect(hashChosenPassword(password, random)).rejects.toThrow('12 to 256 characters');
  });

  it('with a hash of another form is a fault, not a wrong password', async () => {
    const stored = '$scrypt$ln=17,r=8,p=1$AAAA$AAAA';
    await expect(comparePassword('x', stored, random)).rejects.toThrow('not known here');
  });
});

describe('work in a queue', () => {
  it('runs two at a time, in order, and refuses what is too much', async () => {
    const enqueue = makeWorkQueue({ atOnce: 2, waiting: 2 });
    const finish: (() => void)[] = [];
    const begun: number[] = [];
    const work = (name: number) =>
      enqueue(() => {
        begun.push(name);
        return new Promise<number>((resolve) => finish.push(() => resolve(name)));
      });
    const results = [work(1), work(2), work(3), work(4)];
    await expect(work(5)).rejects.toMatchObject({ kind: 'rate-limited', retryAfterSeconds: 5 });
    expect(begun).toEqual([1, 2]);
    finish[1]?.();
    await results[1];
    finish[0]?.();
    await results[0];
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toEqual([1, 2, 3, 4]);
    for (const done of finish) done();
    expect(await Promise.all(results)).toEqual([1, 2, 3, 4]);
  });

  it('goes on after a piece that failed', async () => {
    const enqueue = makeWorkQueue({ atOnce: 1, waiting: 1 });
    const failed = enqueue(() => Promise.reject(new Error('no')));
    const next = enqueue(() => Promise.resolve('yes'));
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});
