# --8<-- [start:imports]
import copy

import yaml
from kubernetes_validate import ValidationError, validate

VERSION = "1.37"  # celle de Kubernetes dont on prend le schéma
# --8<-- [end:imports]

# --8<-- [start:deployment]
deployment = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: lecteur}
spec:
  selector:
    matchLabels: {app: lecteur}
  strategy:
    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}
  template:
    metadata:
      labels: {app: lecteur}
    spec:
      terminationGracePeriodSeconds: 30
      topologySpreadConstraints:
        - topologyKey: kubernetes.io/hostname
          maxSkew: 1
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {app: lecteur}
      containers:
        - name: api
          image: registre.example/lecteur:1.4.2
          ports:
            - {name: http, containerPort: 8000}
          startupProbe:
            httpGet: {path: /sante, port: http}
            periodSeconds: 2
            failureThreshold: 30
          readinessProbe:
            httpGet: {path: /pret, port: http}
            periodSeconds: 2
            failureThreshold: 1
          livenessProbe:
            httpGet: {path: /sante, port: http}
            periodSeconds: 10
            failureThreshold: 3
          resources:
            requests: {cpu: "1", memory: 512Mi}
            limits: {cpu: "1", memory: 512Mi}
          lifecycle:
            preStop:
              sleep: {seconds: 5}
"""
# --8<-- [end:deployment]

# --8<-- [start:service]
service = """
apiVersion: v1
kind: Service
metadata: {name: lecteur}
spec:
  selector: {app: lecteur}
  ports:
    - {name: http, port: 80, targetPort: http}
"""
# --8<-- [end:service]

# --8<-- [start:autoscaler]
autoscaler = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: lecteur}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: lecteur}
  minReplicas: 2
  maxReplicas: 8
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: 60}
  behavior:
    scaleDown: {stabilizationWindowSeconds: 300}
"""
# --8<-- [end:autoscaler]

# --8<-- [start:budget]
budget = """
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: lecteur}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {app: lecteur}
"""
# --8<-- [end:budget]

# --8<-- [start:validate]
texts = [deployment, service, autoscaler, budget]
manifests = {m["kind"]: m for m in map(yaml.safe_load, texts)}


def verdict(manifest):
    """« valide », ou ce que le schéma reproche, et où."""
    try:
        validate(manifest, VERSION, strict=True)
    except ValidationError as error:
        where = ".".join(str(step) for step in error.absolute_path)
        return f"refusé, {where or 'racine'} : {error.message}"
    return "valide"


verdicts = {kind: verdict(m) for kind, m in manifests.items()}
for kind, text in verdicts.items():
    print(f"{kind:<24}{text}")
# --8<-- [end:validate]


# --8<-- [start:faults]
def damaged(kind, path, value):
    """Copie d'un manifeste dont une valeur a été changée."""
    copied = copy.deepcopy(manifests[kind])
    target = copied
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return copied


pod = ("spec", "template", "spec")
api = (*pod, "containers", 0)
faults = [
    damaged("Deployment", ("spec", "replica"), 3),
    damaged("Deployment", (*api, "ports", 0, "containerPort"), "8000"),
    damaged("Deployment", (*api, "readinesProbe"), {}),
    damaged("HorizontalPodAutoscaler", ("spec", "maxReplicas"), "huit"),
]
refusals = [verdict(fault) for fault in faults]
print("\n".join(refusals))
# --8<-- [end:faults]


# --8<-- [start:links]
def broken_links(found):
    """Ce qui relie les manifestes entre eux, et qu'aucun schéma ne voit."""
    pod = found["Deployment"]["spec"]["template"]
    labels = pod["metadata"]["labels"].items()
    ports = {p["name"] for p in pod["spec"]["containers"][0]["ports"]}
    service = found["Service"]["spec"]
    asked = {p["targetPort"] for p in service["ports"]}
    budget = found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"]
    target = found["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    name = found["Deployment"]["metadata"]["name"]
    rules = {
        "le Service ne vise aucun pod": service["selector"].items() <= labels,
        "le Service vise un port inconnu": asked <= ports,
        "le budget ne protège aucun pod": budget.items() <= labels,
        "le régulateur règle autre chose": target["name"] == name,
    }
    return [text for text, kept in rules.items() if not kept]


print("Manifestes publiés :", broken_links(manifests) or "rien à redire")
wrong_label = damaged("Service", ("spec", "selector"), {"app": "lectrice"})
print("Service mal étiqueté, le schéma :", verdict(wrong_label))
missed = broken_links({**manifests, "Service": wrong_label})
print("Service mal étiqueté, nos règles :", *missed)
# --8<-- [end:links]

# --8<-- [start:check]
assert set(verdicts.values()) == {"valide"}
assert all(refusal.startswith("refusé") for refusal in refusals)
assert broken_links(manifests) == []
assert verdict(wrong_label) == "valide" and len(missed) == 1
print("Tout est vrai.")
# --8<-- [end:check]
