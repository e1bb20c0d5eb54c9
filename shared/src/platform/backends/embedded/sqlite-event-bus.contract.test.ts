import { eventBusContract } from '../../testing/contracts/event-bus.contract.ts';
import { embeddedHarness } from './testing-support.ts';

eventBusContract(embeddedHarness);
