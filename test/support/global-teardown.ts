import { stopServers } from './servers';

export = stopServers;
