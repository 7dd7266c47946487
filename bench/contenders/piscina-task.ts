import { workerData } from 'piscina';
import { openDatabase, SELECT_USER } from '../database.js';

const statement = openDatabase(workerData as string).prepare(SELECT_USER);

export default (id: number): unknown => statement.get(id);
