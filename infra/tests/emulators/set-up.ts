export { serveEmulators as default } from './serve-emulators.ts';
