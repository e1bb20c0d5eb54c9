import { createRequire } from 'node:module';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import type * as MonitorService from '@pulumi/pulumi/proto/resource_grpc_pb.js';
import type * as EngineService from '@pulumi/pulumi/proto/engine_grpc_pb.js';
import type * as resource from '@pulumi/pulumi/proto/resource_pb.js';
import type * as engine from '@pulumi/pulumi/proto/engine_pb.js';

/** A resource as it came over the wire, with what mocks do not see. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** URNs of what must exist before. */
  readonly dependsOn: readonly string[];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly ignoreChanges: readonly string[];
}

/** The side of the Pulumi CLI that a program talks to: it takes every resource, and makes none. */
export interface TestEngine {
  readonly address: string;
  readonly registered: readonly Registered[];
  /** Warnings and errors of the program. */
  readonly messages: readonly string[];
  stop(): void;
}

// The generated files are CommonJS without names that an import could see.
const require = createRequire(import.meta.url);
const { ResourceMonitorService } = require('@pulumi/pulumi/proto/resource_grpc_pb.js') as typeof MonitorService;
const { EngineService: Engine } = require('@pulumi/pulumi/proto/engine_grpc_pb.js') as typeof EngineService;
const resources = require('@pulumi/pulumi/proto/resource_pb.js') as typeof resource;
const engines = require('@pulumi/pulumi/proto/engine_pb.js') as typeof engine;
const { Empty } = require('google-protobuf/google/protobuf/empty_pb.js') as { readonly Empty: new () => object };

type Handler<Request, Response> = (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>) => void;

export async function startTestEngine(): Promise<TestEngine> {
  const registered: Registered[] = [];
  const messages: string[] = [];
  const server = new Server();
  const empty: Handler<unknown, object> = (_call, answer) => answer(null, new Empty());

  const registerResource: Handler<resource.RegisterResourceRequest, resource.RegisterResourceResponse> = (
    { request },
    answer,
  ) => {
    const type = request.getType();
    const name = request.getName();
    const urn = `urn:pulumi:stack::paid-community::${type}::${name}`;
    registered.push({
      type,
      name,
      urn,
      dependsOn: request.getDependenciesList(),
      protect: request.getProtect() ?? false,
      retainOnDelete: request.getRetainondelete() ?? false,
      ignoreChanges: request.getIgnorechangesList(),
    });
    const response = new resources.RegisterResourceResponse();
    response.setUrn(urn);
    response.setId(`${name}-id`);
    response.setObject(request.getObject());
    answer(null, response);
  };
  const getDeploymentInfo: Handler<unknown, resource.DeploymentInfo> = (_call, answer) =>
    answer(null, new resources.DeploymentInfo());
  const supportsFeature: Handler<unknown, resource.SupportsFeatureResponse> = (_call, answer) => {
    const response = new resources.SupportsFeatureResponse();
    response.setHassupport(false);
    answer(null, response);
  };
  const log: Handler<engine.LogRequest, object> = ({ request }, answer) => {
    if (request.getSeverity() >= engines.LogSeverity.WARNING) messages.push(request.getMessage());
    answer(null, new Empty());
  };
  const rootResource: Handler<unknown, engine.SetRootResourceResponse> = (_call, answer) =>
    answer(null, new engines.SetRootResourceResponse());

  server.addService(ResourceMonitorService, {
    registerResource,
    supportsFeature,
    getDeploymentInfo,
    registerResourceOutputs: empty,
    signalAndWaitForShutdown: empty,
  });
  server.addService(Engine, { log, setRootResource: rootResource });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { address: `127.0.0.1:${port}`, registered, messages, stop: () => server.forceShutdown() };
}
