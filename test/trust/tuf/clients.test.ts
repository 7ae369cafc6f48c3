import { describe, expect, it } from 'vitest';
import { metadataName, targetName } from '../../../src/trust/tuf/paths.ts';
import { refreshFrom } from '../../../src/trust/tuf/refresh.ts';
import { TUF_LIMITS } from '../../../src/trust/tuf/state.ts';
import { codes, jsonOf, packOf, read, refused, seen, stage, text, versions } from '../../support/tuf.ts';
import { type Listed, listed } from '../../support/tuf-generic.ts';

/** Mistakes that TUF clients have made, each as the repository that finds it. */

describe('a threshold', () => {
  it('counts a key once that signs under one id twice', async () => {
    const { fed, state } = await seen();
    await fed.targets({}, fed.members.slice(0, 2));
    const name = 'metadata/2.targets.json';
    const file = jsonOf(fed.repository.get(name)!) as unknown as { signatures: unknown[]; signed: unknown };
    const { signatures, signed } = file;
    fed.put(name, text(JSON.stringify({ signatures: [...signatures, signatures[0]], signed })));
    await fed.news();
    refused(fed, state, 'targets MALFORMED');
  });

  it('counts a key once that has two ids', async () => {
    const repository = await listed({ 'file.txt': 'content' }, { threshold: 2, oneKeyTwice: true });
    expect(codes(repository.refresh())).toEqual(['targets THRESHOLD_NOT_MET']);
    const honest = await listed({ 'file.txt': 'content' }, { threshold: 1, oneKeyTwice: true });
    expect(codes(honest.refresh())).toEqual([]);
  });

  it('counts a key once that a role names twice', async () => {
    const fed = await stage();
    await fed.root();
    await fed.forge(
      'metadata/2.root.json',
      (signed) => {
        const { targets } = signed['roles'] as Record<string, { keyids: string[] }>;
        targets!.keyids.push(targets!.keyids[0]!);
      },
      fed.members,
    );
    expect(codes(fed.refresh(fed.begin()))).toEqual(['root MALFORMED']);
  });

  it('does not count a signature that is empty, or by a key that is not known here', async () => {
    const { fed, state } = await seen();
    await fed.targets({}, fed.members.slice(0, 2));
    const name = 'metadata/2.targets.json';
    const { signatures, signed } = jsonOf(fed.repository.get(name)!) as unknown as {
      signatures: object[];
      signed: object;
    };
    const others = [
      { keyid: 'nobody', sig: 'aa' },
      { keyid: 'somebody', sig: '' },
    ];
    fed.put(name, text(JSON.stringify({ signatures: [...signatures, ...others], signed })));
    await fed.news();
    refused(fed, state, 'targets THRESHOLD_NOT_MET');
  });

  it('of nought is refused', async () => {
    const { fed, state } = await seen();
    await fed.root();
    await fed.forge(
      'metadata/2.root.json',
      (signed) => ((signed['roles'] as Record<string, { threshold: number }>)['targets']!.threshold = 0),
      fed.members,
    );
    refused(fed, state, 'root MALFORMED');
  });
});

describe('the chain of roots', () => {
  it('goes by the version inside each file, not by its name', async () => {
    const { fed, state } = await seen();
    await fed.root();
    await fed.forge('metadata/2.root.json', (signed) => (signed['version'] = 1), fed.members);
    refused(fed, state, 'root ROOT_VERSION_SKIPPED');
  });

  it('is followed to its end: one withdrawn key is not believed because a mirror stops half way', async () => {
    const fed = await stage();
    const stolen = fed.online;
    fed.online = { snapshot: [fed.key()], timestamp: [fed.key()] };
    await fed.root();
    await fed.root();
    await fed.news();
    const { state } = fed.refresh(fed.begin());
    await fed.news(stolen);
    fed.put('metadata/2.root.json', undefined);
    refused(fed, state, 'timestamp SIGNATURE_FOREIGN');
  });
});

describe('what is kept', () => {
  it('never holds a timestamp whose snapshot was refused', async () => {
    const { fed, state } = await seen();
    await fed.news();
    fed.put('metadata/2.snapshot.json', text('{}'));
    const after = fed.refresh(state);
    expect(codes(after)).toEqual(['snapshot MIX_AND_MATCH']);
    expect(after.state).toEqual(state);
  });

  it('never holds a timestamp that was refused as a rollback', async () => {
    const { fed, state } = await seen();
    const old = fed.repository;
    await fed.news();
    const newer = fed.refresh(state).state;
    const after = fed.refresh(newer, {}, old);
    expect(codes(after)).toEqual(['timestamp ROLLBACK']);
    expect(after.state).toEqual(newer);
  });

  it('never holds half of a region: with one file missing, all stay as they were', async () => {
    const { fed, state } = await seen();
    const files = new Map([...packOf('310000', 'second'), ['regions/310000/z.json', text('{}')]]);
    const before = new Set(fed.repository.keys());
    await fed.region('310000', { files });
    await fed.news();
    const lost = [...fed.repository.keys()].find((name) => name.endsWith('.z.json') && !before.has(name))!;
    const honest = fed.repository;
    fed.put(lost, undefined);
    const after = fed.refresh(state);
    expect(codes(after)).toEqual(['310000 FILE_MISSING']);
    expect(read(after, 'regions/310000/region.json')).toContain('first');
    expect(versions(after)).toMatchObject({ 310000: 1, snapshot: 2 });
    const healed = fed.refresh(after.state, {}, honest);
    expect(codes(healed)).toEqual([]);
    expect(read(healed, 'regions/310000/region.json')).toContain('second');
  });
});

describe('names of roles and files', () => {
  it.each(['../../root', '..', 'a/b', '/etc/passwd', 'a\\b'])('a role called %s stays in its folder', async (name) => {
    expect(metadataName(name, 3)).toMatch(/^metadata\/3\.[^/\\]*\.json$/);
    const repository = await listed({}, { delegated: [{ name, paths: ['*'], files: { 'file.txt': 'by it' } }] });
    const done = repository.refresh();
    expect(codes(done)).toEqual([]);
    expect(done.view.files.get('file.txt')?.role).toBe(name);
  });

  it.each(['root', 'targets', ''])('a delegated role called “%s” is refused', async (name) => {
    const repository = await listed({}, { delegated: [{ name, paths: ['*'], files: {} }] });
    expect(codes(repository.refresh())).toEqual(['targets MALFORMED']);
  });

  it.each(['../x', 'a/../../x', '/etc/passwd', 'a//b', 'a/./b', 'a\\..\\b', 'c:/x', 'a\u0000b', 'a/'])(
    'a target called %j is refused',
    async (path) => {
      expect(codes((await listed({ [path]: 'content' })).refresh())).toEqual(['targets PATH_UNSAFE']);
    },
  );

  it('of digests do not leave the folder either', () => {
    const target = { length: 1, hashes: new Map([['sha256', '../../x']]) };
    expect(targetName('a/b.txt', target, true)).toBe('targets/a/..%2F..%2Fx.b.txt');
  });
});

describe('delegations', () => {
  const by = (name: string, content: string, extra: Partial<Listed> = {}): Listed => ({
    name,
    paths: ['*'],
    files: { 'file.txt': content },
    ...extra,
  });

  it('are searched in their order, the first that lists a path wins', async () => {
    const repository = await listed({}, { delegated: [by('first', 'one'), by('second', 'two')] });
    expect(read(repository.refresh(), 'file.txt')).toBe('one');
  });

  it('are searched in depth before the next sibling', async () => {
    const deep = by('deep', 'deep');
    const first = { name: 'first', paths: ['*'], files: {}, delegated: [deep] };
    const repository = await listed({}, { delegated: [first, by('second', 'two')] });
    expect(read(repository.refresh(), 'file.txt')).toBe('deep');
  });

  it('that terminate end the search, though others behind them list the path', async () => {
    const first = { name: 'first', paths: ['*'], files: {}, terminating: true };
    const repository = await listed({}, { delegated: [first, by('second', 'two')] });
    const done = repository.refresh();
    expect(done.view.files.has('file.txt')).toBe(false);
    expect(done.view.find('file.txt')).toBeUndefined();
  });

  it('that terminate inside another end the search there too', async () => {
    const deep = { name: 'deep', paths: ['*'], files: {}, terminating: true };
    const first = { name: 'first', paths: ['*'], files: {}, delegated: [deep] };
    const repository = await listed({}, { delegated: [first, by('second', 'two')] });
    expect(repository.refresh().view.find('file.txt')).toBeUndefined();
  });

  it('that terminate and do not cover the path end nothing', async () => {
    const first = { name: 'first', paths: ['other/*'], files: {}, terminating: true };
    const repository = await listed({}, { delegated: [first, by('second', 'two')] });
    expect(read(repository.refresh(), 'file.txt')).toBe('two');
  });

  it('that cannot be had end the search: the next must not answer in their place', async () => {
    const repository = await listed({}, { delegated: [by('first', 'one'), by('second', 'two')] });
    repository.files.delete('metadata/1.first.json');
    const done = repository.refresh();
    expect(codes(done)).toEqual(['first FILE_MISSING']);
    expect(done.view.find('file.txt')).toBeUndefined();
  });

  it('reach only what every one on the way covers', async () => {
    const deep = by('deep', 'deep', { paths: ['*', 'a/*'], files: { 'file.txt': 'deep', 'a/in.txt': 'in' } });
    const first = { name: 'first', paths: ['a/*'], files: {}, delegated: [deep] };
    const done = (await listed({}, { delegated: [first] })).refresh();
    expect(codes(done)).toEqual(['deep PATH_OUTSIDE_DELEGATION']);
    expect([...done.view.files.keys()]).toEqual(['a/in.txt']);
  });

  it('in a circle end', async () => {
    const repository = await listed({}, { delegated: [by('first', 'one', { back: true })] });
    const done = repository.refresh();
    expect(codes(done)).toEqual([]);
    expect(read(done, 'file.txt')).toBe('one');
  });

  it('by the digest of the path reach what they cover and nothing else', async () => {
    const digest = '0123456789abcdef'.split('');
    const all = await listed({}, { delegated: [{ ...by('bins', 'in'), prefixes: digest }] });
    expect(read(all.refresh(), 'file.txt')).toBe('in');
    const none = await listed({}, { delegated: [{ ...by('bins', 'in'), prefixes: ['0000000000'] }] });
    expect(codes(none.refresh())).toEqual(['bins PATH_OUTSIDE_DELEGATION']);
  });

  it('are followed so far and no further', async () => {
    const many = Array.from({ length: 12 }, (_, i) => ({
      name: `r${i}`,
      paths: [`${i}/*`],
      files: { [`${i}/x`]: 'x' },
    }));
    const repository = await listed({}, { delegated: many });
    const done = repository.refresh({ limits: { ...TUF_LIMITS, roles: 10 } });
    expect(codes(done)).toEqual(['targets TOO_MANY_ROLES', 'targets TOO_MANY_ROLES']);
    expect(done.view.files.size).toBe(10);
    let chain: Listed = { name: 'r40', paths: ['*'], files: { 'file.txt': 'deep' } };
    for (let i = 39; i > 0; i--) chain = { name: `r${i}`, paths: ['*'], files: {}, delegated: [chain] };
    const deep = (await listed({}, { delegated: [chain] })).refresh();
    expect(codes(deep)).toEqual(['r32 TOO_MANY_ROLES']);
    expect(deep.view.find('file.txt')).toBeUndefined();
  });

  it('verify a role again that is reached twice, with the keys of each way', async () => {
    const shared = by('shared', 'one');
    const stranger = { ...shared, otherKey: true, paths: ['*', 'b/*'] };
    const repository = await listed(
      {},
      { delegated: [shared, { name: 'x', paths: ['*'], files: {}, delegated: [stranger] }] },
    );
    const done = repository.refresh();
    expect(codes(done)).toEqual(['shared SIGNATURE_FOREIGN']);
    expect(read(done, 'file.txt')).toBe('one');
  });
});

describe('a repository without consistent snapshots', () => {
  it('is read by plain names', async () => {
    const repository = await listed({ 'a/file.txt': 'content' }, { consistent: false });
    expect([...repository.files.keys()]).toContain('targets/a/file.txt');
    expect(read(repository.refresh(), 'a/file.txt')).toBe('content');
  });
});

describe('the state that an update starts from', () => {
  it('is not believed where it was damaged', async () => {
    const { fed, state } = await seen();
    await fed.region('310000', { files: packOf('310000', 'second') });
    await fed.news();
    const damaged = { ...state, timestamp: text('{'), roles: new Map(state.roles).set('330000', text('{')) };
    const after = refreshFrom(damaged, fed.repository, fed.context());
    expect(codes(after)).toEqual([]);
    expect(versions(after)).toMatchObject({ 310000: 2, 330000: 1 });
    expect(() => refreshFrom({ ...state, root: text('{') }, fed.repository, fed.context())).toThrow();
  });

  it('of a client that keeps some files only is filled when it wants more', async () => {
    const { fed } = await seen();
    const lane = fed.refresh(fed.begin(), { wanted: (path) => path === 'regions/310000/region.json' });
    expect([...lane.view.files.keys()]).toEqual(['regions/310000/region.json']);
    expect(lane.view.find('regions/310000/formats/pass.json')?.role).toBe('310000');
    const more = fed.refresh(lane.state);
    expect(codes(more)).toEqual([]);
    expect(more.view.files.size).toBe(9);
  });
});
