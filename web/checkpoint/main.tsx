import { render } from 'preact';
import { openDevice, type Registration, registrationOf } from './device.ts';
import './style.css';
import { Shell } from './view/shell.tsx';
import type { Language } from './words.ts';

const clock = (): number => Date.now();

const device = await openDevice();
const paired = location.hash === '' ? undefined : registrationOf(location.href);
if (paired !== undefined) {
  await device.write('registration', paired);
  // The key does not stay in the address, nor in the history.
  history.replaceState(null, '', location.pathname);
}
// Else a browser short of room may throw the lists away; that it said no is no reason not to start.
void navigator.storage?.persist?.();
if ('serviceWorker' in navigator) void navigator.serviceWorker.register('./service-worker.js');

render(
  <Shell
    device={device}
    first={paired ?? (await device.read<Registration>('registration'))}
    firstLanguage={(await device.read<Language>('language')) ?? 'zh'}
    firstMuted={(await device.read<boolean>('muted')) ?? false}
    clock={clock}
  />,
  document.getElementById('app')!,
);
