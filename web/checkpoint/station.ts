/** What judges: loaded behind the first screen, which needs none of it. */
export { keptLists, NoLists, seedFor, takeBundle } from './lists.ts';
export { App } from './view/app.tsx';
