import { answerParent } from '../processes/answer-parent.ts';
import { runLoad } from './run-load.ts';

// A process of its own: on the event loop of what it measures it would measure itself.
answerParent(runLoad);
