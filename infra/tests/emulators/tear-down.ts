export { stopEmulators as default } from './serve-emulators.ts';
