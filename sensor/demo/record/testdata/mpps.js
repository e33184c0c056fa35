// Modality Performed Procedure Step, both sides, with the npm package dcmjs-dimse.
//   node mpps.js server PORT
//   node mpps.js create|end HOST PORT CALLING CALLED STEP-UID MAKER MODEL SERIAL PATIENT ID
const { Client, Server, Scp, Dataset, association, requests, responses, constants } = require('dcmjs-dimse');
const { SopClass, Status, PresentationContextResult, TransferSyntax } = constants;
const mpps = SopClass.ModalityPerformedProcedureStep || '1.2.840.10008.3.1.2.3.3';

class RIS extends Scp {
  associationRequested(a) {
    a.getPresentationContexts().forEach(({ id }) => {
      const c = a.getPresentationContext(id);
      c.setResult(PresentationContextResult.Accept, TransferSyntax.ImplicitVRLittleEndian);
    });
    this.sendAssociationAccept();
  }
  nCreateRequest(request, done) {
    const r = responses.NCreateResponse.fromRequest(request);
    r.setStatus(Status.Success);
    done(r);
  }
  nSetRequest(request, done) {
    const r = responses.NSetResponse.fromRequest(request);
    r.setStatus(Status.Success);
    done(r);
  }
  associationReleaseRequested() { this.sendAssociationReleaseResponse(); }
}

const [verb, ...rest] = process.argv.slice(2);
if (verb === 'server') {
  const server = new Server(RIS);
  server.on('networkError', (e) => console.error('server:', e));
  server.listen(Number(rest[0]));
} else {
  const [host, port, calling, called, step, maker, model, serial, patient, id] = rest;
  const now = new Date().toISOString().replace(/[-:T]/g, '');
  const request = verb === 'create'
    ? new requests.NCreateRequest(mpps, step)
    : new requests.NSetRequest(mpps, step);
  request.setDataset(verb === 'create' ? new Dataset({
    Modality: model.includes('MR') ? 'MR' : 'CT', Manufacturer: maker, ManufacturerModelName: model, DeviceSerialNumber: serial,
    PatientName: patient, PatientID: id, PatientBirthDate: '19470703', PatientSex: 'F',
    PerformedStationAETitle: calling, PerformedStationName: calling + '-HOST', PerformedLocation: 'Radiology',
    PerformedProcedureStepStartDate: now.slice(0, 8), PerformedProcedureStepStartTime: now.slice(8, 14),
    PerformedProcedureStepID: 'PPS1', PerformedProcedureStepStatus: 'IN PROGRESS',
  }) : new Dataset({
    PerformedProcedureStepStatus: 'COMPLETED',
    PerformedProcedureStepEndDate: now.slice(0, 8), PerformedProcedureStepEndTime: now.slice(8, 14),
  }));
  const client = new Client();
  request.on('response', (r) => { if (r.getStatus() !== Status.Success) process.exitCode = 1; });
  client.on('networkError', (e) => { console.error('client:', e); process.exitCode = 1; });
  client.addRequest(request);
  client.send(host, Number(port), calling, called);
}
