/** Every function exported here is a workflow type that can be started, so nothing else is. */
export { handoff } from './handoff/workflow';
export { janitor } from './janitor';
export { watch } from './watch';
