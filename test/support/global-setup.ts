import { startServers } from './servers';

export = startServers;
