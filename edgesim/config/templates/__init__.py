"""From the template that a distribution is deployed with to the `Draft` that edgesim.toml gives.

reading.py      text to nodes, each with its line
stack.py        parameters, conditions, resources; intrinsics.py works functions out
sam.py, serverless.py, terraform.py    other makes, turned into CloudFormation's shape
distribution.py and its neighbours     CloudFormation's shape to a draft
report.py       what was understood, ignored and refused; properties.py is the table of it
load.py         the way in
"""
