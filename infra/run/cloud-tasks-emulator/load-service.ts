import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { loadPackageDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/**
 * The gRPC service google.cloud.tasks.v2.CloudTasks, from the .proto files inside the client's own package: this server
 * reads everything that the client sends. A field that was not sent is undefined.
 */
export function loadCloudTasksService(): ServiceDefinition {
  const protosOfTasks = createRequire(import.meta.url).resolve('@google-cloud/tasks/build/protos');
  // The files that those import (google/api, google/rpc, google/iam) are in google-gax, build/src beside build/protos.
  const gax = createRequire(protosOfTasks).resolve('google-gax');
  const loaded = loadSync('google/cloud/tasks/v2/cloudtasks.proto', {
    includeDirs: [dirname(protosOfTasks), join(dirname(gax), '../protos')],
    longs: Number,
    enums: String,
  });
  const found = ['google', 'cloud', 'tasks', 'v2', 'CloudTasks'].reduce<unknown>(
    (level, name) => (level as Readonly<Record<string, unknown>>)[name],
    loadPackageDefinition(loaded),
  );
  return (found as { readonly service: ServiceDefinition }).service;
}
